//! What a tab keeps for its next load: its page's id, and closing reports that were not answered.

use super::store::Minted;

/// How much a tab keeps while the gateway is away: some forty reports of the usual length.
pub const MAX_KEPT_BYTES: usize = 32 * 1024;
/// Closing reports of earlier loads, oldest first, each with a line break behind it. As
/// [`Load::report`](super::load::Load::report) makes them they have none.
pub struct Kept {
    text: [u8; MAX_KEPT_BYTES],
    /// Where the oldest one begins.
    start: u16,
    end: u16,
}

impl Kept {
    /// No reports.
    pub const EMPTY: Self = Self { text: [0; MAX_KEPT_BYTES], start: 0, end: 0 };

    /// The reports, a line each.
    #[must_use]
    pub fn lines(&self) -> &[u8] {
        self.text.get(usize::from(self.start)..usize::from(self.end)).unwrap_or_default()
    }

    /// The oldest report.
    #[must_use]
    pub fn first(&self) -> Option<&[u8]> {
        let lines = self.lines();
        lines.get(..lines.iter().position(|byte| *byte == b'\n')?)
    }

    /// Keeps a report, if there is room.
    pub fn push(&mut self, report: &[u8]) {
        if report.len() < MAX_KEPT_BYTES - usize::from(self.end) {
            for byte in report {
                self.append(*byte);
            }
            self.append(b'\n');
        }
    }

    fn append(&mut self, byte: u8) {
        if let Some(free) = self.text.get_mut(usize::from(self.end)) {
            *free = byte;
            self.end += 1;
        }
    }

    /// Keeps the oldest report no longer.
    #[expect(clippy::cast_possible_truncation, reason = "what it holds is shorter")]
    pub fn drop_first(&mut self) {
        let Some(first) = self.first() else { return };
        self.start += first.len() as u16 + 1;
        if self.start == self.end {
            self.clear();
        }
    }

    /// Keeps none.
    pub const fn clear(&mut self) {
        self.start = 0;
        self.end = 0;
    }

    /// Takes over what a tab has kept, and returns the page's id. Left out is what has no line break behind it, what
    /// is no report, and what `load` has said itself: its next report says more.
    pub fn take_over<'a>(&mut self, record: &'a [u8], load: &Minted) -> &'a [u8] {
        let mut page_id: &[u8] = &[];
        let mut start = 0;
        for (end, byte) in record.iter().enumerate() {
            if *byte == b'\n' {
                let line = record.get(start..end).unwrap_or_default();
                if start == 0 {
                    page_id = line;
                } else if matches!(line, [b'{', ..])
                    && !line.windows(load.len()).any(|part| part == load)
                {
                    self.push(line);
                }
                start = end + 1;
            }
        }
        page_id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: Minted = [b'7'; 32];

    fn reports(kept: &Kept) -> Vec<&str> {
        str::from_utf8(kept.lines()).unwrap().lines().collect()
    }

    #[test]
    fn reports_are_kept_in_their_order() {
        let mut kept = Kept::EMPTY;
        for report in ["{1}", "{2}", "{3}"] {
            kept.push(report.as_bytes());
        }
        assert_eq!(reports(&kept), ["{1}", "{2}", "{3}"]);
        kept.drop_first();
        assert_eq!(kept.first(), Some(&b"{2}"[..]));
        for _ in 0..3 {
            kept.drop_first();
        }
        assert_eq!((kept.first(), kept.lines()), (None, &b""[..]));
    }

    #[test]
    fn what_is_kept_does_not_grow_without_bound() {
        let mut kept = Kept::EMPTY;
        for n in 0..100 {
            kept.push(format!("{{{n}{}", "x".repeat(1000)).as_bytes());
        }
        assert!((MAX_KEPT_BYTES - 1_003..=MAX_KEPT_BYTES).contains(&kept.lines().len()));
        assert!(reports(&kept)[0].starts_with("{0x"));
        while kept.first().is_some() {
            kept.drop_first();
        }
        kept.push(&[b'{'; MAX_KEPT_BYTES]);
        assert_eq!(kept.first(), None, "too long to be kept");
        kept.push(&[b'{'; MAX_KEPT_BYTES - 1]);
        assert_eq!(reports(&kept).len(), 1, "what was sent has made room");
    }

    #[test]
    fn a_record_is_taken_over_without_what_is_no_report_and_what_the_load_has_said_itself() {
        let mut kept = Kept::EMPTY;
        let ours = str::from_utf8(&OURS).unwrap();
        let record = format!("page\n{{1}}\nrubbish\n\n{{{ours}}}\n{{2}}\n{{cut");
        let id = kept.take_over(record.as_bytes(), &OURS);
        assert_eq!((id, reports(&kept)), (&b"page"[..], vec!["{1}", "{2}"]));
        for wrong in ["", "x", "null", &"x".repeat(1_000)] {
            let mut kept = Kept::EMPTY;
            assert_eq!(kept.take_over(wrong.as_bytes(), &OURS), b"", "{wrong:?}");
            assert_eq!(kept.lines(), b"");
        }
    }
}
