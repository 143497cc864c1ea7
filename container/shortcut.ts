/** WebDriver's code points for keys without a character (WebDriver, section 17.4.2). */
const SPECIAL: Record<string, string> = {
  Ctrl: "\uE009",
  MacCtrl: "\uE009",
  Shift: "\uE008",
  Alt: "\uE00A",
  Space: " ",
  Comma: ",",
  Period: ".",
  Home: "\uE011",
  End: "\uE010",
  PageUp: "\uE00E",
  PageDown: "\uE00F",
  Insert: "\uE016",
  Delete: "\uE017",
  Up: "\uE013",
  Down: "\uE015",
  Left: "\uE012",
  Right: "\uE014",
};

/** The keys of an extension's shortcut as MDN's "commands" writes it (`Ctrl+Shift+L`), for a keyboard of WebDriver. */
export function keysOfShortcut(shortcut: string): string[] {
  return shortcut.split("+").map((name) => {
    const functionKey = /^F(\d{1,2})$/.exec(name)?.[1];
    if (functionKey !== undefined) return String.fromCodePoint(0xe030 + Number(functionKey));
    return SPECIAL[name] ?? name.toLowerCase();
  });
}
