// Text from outside, made fit to be looked at.

/*
 * Characters without a glyph of their own that change what is around them, or nothing at all: C1 controls, soft
 * hyphen, marks, embeddings, overrides and isolates of direction, separators, invisible operators, byte order mark,
 * interlinear annotation, tags. U+200C and U+200D are not among them: Persian and emoji need these.
 */
const UNSEEN =
  /[\0-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

/** The text with every such character made visible: ␀ … ␡ for those of ASCII, the others by number: ⟨U+202E⟩. */
export function visible(text) {
  return text.replace(UNSEEN, (char) => {
    const code = char.codePointAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    if (code === 0x7f) return "␡";
    return `⟨U+${code.toString(16).toUpperCase().padStart(4, "0")}⟩`;
  });
}

/** The start of a text, not in the middle of a character, and how many UTF-16 units follow it. */
export function cut(text, length) {
  if (text.length <= length) return { text, omitted: 0 };
  const end = (text.codePointAt(length - 1) ?? 0) > 0xffff ? length - 1 : length;
  return { text: text.slice(0, end), omitted: text.length - end };
}
