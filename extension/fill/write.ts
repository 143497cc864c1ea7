/**
 * Puts a value into a field as typing would: the page hears of it, and can change what it does with it.
 * @returns why not, in a sentence; undefined when the field holds the value
 */
export function writeValue(input: HTMLInputElement, value: string): string | undefined {
  if (input.maxLength >= 0 && value.length > input.maxLength)
    return "A field takes fewer characters than the login has.";
  input.focus();
  set(input, value);
  // Pages that clear a field as it gets the focus do so once.
  if (input.value !== value) set(input, value);
  return input.value === value ? undefined : "The page does not keep what is put into a field.";
}

function set(input: HTMLInputElement, value: string): void {
  // From a content script this is the browser's own setter, whatever the page has put over it.
  input.value = value;
  input.dispatchEvent(new InputEvent("input", { bubbles: true, composed: true, inputType: "insertReplacementText" }));
  input.dispatchEvent(new Event("change", { bubbles: true }));
}
