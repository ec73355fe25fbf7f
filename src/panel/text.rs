//! Text from outside, made fit to be looked at. Pure.

use std::fmt::Write as _;

/// The text with every character that shows nothing, or that turns the text around it, made visible:
/// control characters as their Unicode pictures (␀ … ␡), the others by number (⟨U+202E⟩). What is
/// needed to write a language or an emoji stays.
#[must_use]
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\0'..='\x1f' => {
                // The block Control Pictures has them in ASCII's order.
                shown.extend(char::from_u32(0x2400 + u32::from(c)));
            }
            '\x7f' => shown.push('␡'),
            _ if is_invisible(c) => {
                // Writing to a String does not fail.
                let _ = write!(shown, "⟨U+{:04X}⟩", u32::from(c));
            }
            _ => shown.push(c),
        }
    }
    shown
}

/// Characters without a glyph of their own that change what is around them, or nothing at all.
/// U+200C and U+200D are not among them: Persian and emoji need these.
const fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{80}'..='\u{9f}'          // C1 controls
        | '\u{ad}'                   // soft hyphen
        | '\u{61c}'                  // Arabic letter mark
        | '\u{180e}'                 // Mongolian vowel separator
        | '\u{200b}'                 // zero width space
        | '\u{200e}' | '\u{200f}'    // left-to-right and right-to-left mark
        | '\u{2028}'..='\u{202e}'    // line and paragraph separator, embeddings and overrides
        | '\u{2060}'..='\u{206f}'    // word joiner, invisible operators, isolates
        | '\u{feff}'                 // byte order mark
        | '\u{fff9}'..='\u{fffb}'    // interlinear annotation
        | '\u{e0000}'..='\u{e007f}') // tags
}

#[cfg(test)]
mod tests {
    use super::visible;

    #[test]
    fn ordinary_text_of_any_language_stays_as_it_is() {
        for text in
            ["", "MyProject", "a b/c", "π", "\u{645}\u{6cc}\u{200c}\u{62e}", "👩\u{200d}🏭", "日本"]
        {
            assert_eq!(visible(text), text);
        }
    }

    #[test]
    fn control_characters_are_seen() {
        assert_eq!(visible("a\0b\tc\r\nd\x1b[31m\x7f"), "a␀b␉c␍␊d␛[31m␡");
        assert_eq!(visible("\u{85}"), "⟨U+0085⟩");
    }

    #[test]
    fn text_can_not_pass_for_other_text_by_turning_round_or_hiding() {
        assert_eq!(visible("admin\u{202e}txt.exe"), "admin⟨U+202E⟩txt.exe");
        assert_eq!(visible("bi\u{200b}lly"), "bi⟨U+200B⟩lly");
        assert_eq!(visible("\u{2066}x\u{2069}"), "⟨U+2066⟩x⟨U+2069⟩");
        assert_eq!(visible("billy\u{e0041}"), "billy⟨U+E0041⟩");
    }
}
