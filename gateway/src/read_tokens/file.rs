//! What a file of read tokens has to look like: either one token and nothing else, or a token a line, each behind its
//! name and a colon, with comments (`#`) and empty lines between.

use std::fmt;

use super::{DEFAULT_NAME, is_b64token};

/// The most tokens in one file.
const MAX_TOKENS: usize = 256;
/// The longest name of a token, in bytes.
const MAX_NAME_BYTES: usize = 64;
/// The shortest token of several, in characters: as long as one that the gateway mints.
const MIN_TOKEN_CHARS: usize = 32;

/// What is wrong with a file of read tokens, and in which line, counted from 1. It shows no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WrongFile {
    /// There are more than 256 tokens.
    TooManyTokens,
    /// The line is not a name, a colon and a token.
    Line(usize),
    /// The name is empty, longer than 64 bytes, or holds control characters.
    Name(usize),
    /// The token is shorter than 32 characters, or an Authorization header can not carry it.
    Token(usize),
    /// The name is another token's too.
    SameName(usize),
    /// The token has another name too, so that to take out one of the two would revoke nothing.
    SameToken(usize),
}

impl fmt::Display for WrongFile {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::TooManyTokens => write!(f, "it has more than {MAX_TOKENS} tokens"),
            Self::Line(line) => write!(f, "line {line} is no name, colon and token"),
            Self::Name(line) => {
                write!(
                    f,
                    "line {line}: a name has 1 to {MAX_NAME_BYTES} bytes without control characters"
                )
            }
            Self::Token(line) => write!(
                f,
                "line {line}: a token has {MIN_TOKEN_CHARS} or more of the characters A-Z a-z 0-9 - . _ ~ + /"
            ),
            Self::SameName(line) => write!(f, "line {line}: another token has this name"),
            Self::SameToken(line) => write!(f, "line {line}: this token has another name too"),
        }
    }
}

impl std::error::Error for WrongFile {}

/// The names and tokens in a file's text, in their order. A file without any is right too: nobody may read.
pub fn tokens_in(text: &str) -> Result<Vec<(&str, &str)>, WrongFile> {
    let lines = || {
        let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line.trim()));
        lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
    };
    if let (Some((_, token)), None) = (lines().next(), lines().nth(1))
        && is_b64token(token)
    {
        return Ok(vec![(DEFAULT_NAME, token)]);
    }
    let mut tokens: Vec<(&str, &str)> = Vec::new();
    for (at, line) in lines() {
        let (name, token) = line.split_once(':').ok_or(WrongFile::Line(at))?;
        let (name, token) = (name.trim(), token.trim());
        if name.is_empty() || name.len() > MAX_NAME_BYTES || name.contains(char::is_control) {
            return Err(WrongFile::Name(at));
        }
        if token.len() < MIN_TOKEN_CHARS || !is_b64token(token) {
            return Err(WrongFile::Token(at));
        }
        if tokens.iter().any(|(other, _)| *other == name) {
            return Err(WrongFile::SameName(at));
        }
        if tokens.iter().any(|(_, other)| *other == token) {
            return Err(WrongFile::SameToken(at));
        }
        if tokens.len() == MAX_TOKENS {
            return Err(WrongFile::TooManyTokens);
        }
        tokens.push((name, token));
    }
    Ok(tokens)
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "0123456789abcdef0123456789abcdef";
    const B: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ-._~+/==";

    #[test]
    fn a_file_holds_one_token_or_several_with_names() {
        let several = format!("# scripts\r\nscripts: {A}\r\n\r\n  panel on the wall :{B}  \n");
        assert_eq!(tokens_in("t\n"), Ok(vec![("default", "t")]));
        assert_eq!(tokens_in(&format!("# mine\n{A}")), Ok(vec![("default", A)]));
        assert_eq!(tokens_in(&several), Ok(vec![("scripts", A), ("panel on the wall", B)]));
        assert_eq!(tokens_in(&format!("one: {A}")), Ok(vec![("one", A)]));
        assert_eq!(tokens_in("# nobody\n\n"), Ok(vec![]));
        assert_eq!(tokens_in(""), Ok(vec![]));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (text, expected) in [
            (format!("{A}\n{B}"), WrongFile::Line(1)),
            ("two words".into(), WrongFile::Line(1)),
            ("pässword".into(), WrongFile::Line(1)),
            ("==".into(), WrongFile::Line(1)),
            (format!("# a\n: {A}"), WrongFile::Name(2)),
            (format!("a\u{1b}: {A}"), WrongFile::Name(1)),
            (format!("{}: {A}", "x".repeat(65)), WrongFile::Name(1)),
            (format!("a: {}", &A[1..]), WrongFile::Token(1)),
            (format!("a: {A}:{A}"), WrongFile::Token(1)),
            (format!("a: {A} b"), WrongFile::Token(1)),
            (format!("a: {A}\na: {B}"), WrongFile::SameName(2)),
            (format!("a: {A}\nb: {A}"), WrongFile::SameToken(2)),
        ] {
            assert_eq!(tokens_in(&text), Err(expected), "{text}");
            assert!(!expected.to_string().contains(A));
        }
    }

    #[test]
    fn the_number_of_tokens_is_bounded() {
        let lines = |count| (0..count).map(|n| format!("{n}: {n:032}\n")).collect::<String>();
        assert_eq!(tokens_in(&lines(MAX_TOKENS)).unwrap().len(), MAX_TOKENS);
        assert_eq!(tokens_in(&lines(MAX_TOKENS + 1)), Err(WrongFile::TooManyTokens));
    }
}
