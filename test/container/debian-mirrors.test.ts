import assert from "node:assert/strict";
import { debianMirrors } from "#container/debian-mirrors.ts";

describe("Debian's mirrors", () => {
  it("are read from debian.sources, comments inside stanzas and all", () => {
    const text = `Types: deb
# http://snapshot.debian.org/archive/debian/20250520T000000Z
URIs: http://mirror.example.org/debian/
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb deb-src
URIs: https://mirror.example.org/security
Suites:
 bookworm-security
Components: main contrib
`;
    assert.deepEqual(debianMirrors([text]), {
      archive: "http://mirror.example.org/debian",
      security: "https://mirror.example.org/security",
    });
  });

  it("are read from sources.list, options and comments and all", () => {
    const text = `# deb http://old.example.org/debian bookworm main
deb [arch=amd64 signed-by=/k.gpg] http://mirror.example.org/debian bookworm main contrib # ours
deb-src http://source.example.org/debian bookworm main
deb http://mirror.example.org/debian-security bookworm-security main
`;
    assert.deepEqual(debianMirrors([text]), {
      archive: "http://mirror.example.org/debian",
      security: "http://mirror.example.org/debian-security",
    });
  });

  it("are not known where there are none, only other vendors', or none for security", () => {
    const others = [
      "deb https://download.example.com/linux/debian bookworm stable\n",
      "deb https://packages.example.com/apt cloud-sdk-bookworm main\n",
      "Types: deb\nURIs: https://deb.example.com/node_20.x\nSuites: nodistro\nComponents: main\n",
      "Types: deb\nEnabled: no\nURIs: http://off.example.com/debian\nSuites: bookworm\nComponents: main\n",
      "Types: deb\nURIs: file:/srv/debian\nSuites: bookworm\nComponents: main\n",
      "deb http://mirror.example.org/debian bookworm main\n",
      "deb cdrom:[Debian]/ bookworm main\ndeb\ndeb http://x\n",
    ];
    assert.equal(debianMirrors([]), undefined);
    for (const text of others) assert.equal(debianMirrors([text]), undefined, text);
  });
});
