/** The login form: an ordinary one, with nothing in it for Postern. */
export function signInPage(): string {
  return page(
    "Sign in",
    `<p>Served inside the browser's sandbox, and only there, to show a login being filled.</p>
    <form method="post" action="/sign-in">
      <label for="username">User name or e-mail</label>
      <input id="username" name="username" type="text" autocomplete="username" required>
      <label for="password">Password</label>
      <input id="password" name="password" type="password" autocomplete="current-password" required>
      <button>Sign in</button>
    </form>`,
  );
}

/** What a site would see: the user name, and a password that is not shown again. */
export function signedInPage(userName: string, password: string): string {
  return page(
    "Signed in",
    `<p>The site now knows you as <strong>${escape(userName)}</strong>, by a password of
    ${password.length} characters.</p>
    <p><a href="/">Sign out</a></p>`,
  );
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>${title} – Postern's login page</title>
  <link rel="icon" href="data:,">
  <style>${STYLE}</style>
</head>
<body>
  <main>
    <h1>${title}</h1>
    ${content}
  </main>
</body>
</html>
`;
}

const STYLE = `
  :root { --accent: light-dark(#2f6f4f, #7fc8a0); --line: light-dark(#ccd2cf, #434b47); }
  * { box-sizing: border-box; }
  body {
    margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem;
    font: 1rem/1.5 system-ui, sans-serif;
    color: light-dark(#1d2421, #e6ebe8); background: light-dark(#eef2f0, #161a18);
  }
  main {
    width: min(24rem, 100%); padding: 2rem; border: 1px solid var(--line); border-radius: 0.75rem;
    background: light-dark(#fff, #1f2522);
  }
  h1 { margin: 0 0 0.5rem; font-size: 1.5rem; }
  p { margin: 0 0 1.25rem; color: light-dark(#4d5753, #b3bdb8); }
  label { display: block; margin-bottom: 0.25rem; font-weight: 600; }
  input {
    width: 100%; margin-bottom: 1rem; padding: 0.6rem 0.75rem; font: inherit; color: inherit;
    border: 1px solid var(--line); border-radius: 0.4rem; background: transparent;
  }
  input:focus-visible, button:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
  button {
    width: 100%; padding: 0.65rem; font: inherit; font-weight: 600; cursor: pointer; border: 0; border-radius: 0.4rem;
    color: light-dark(#fff, #10251a); background: var(--accent);
  }
  a { color: var(--accent); }
`;
