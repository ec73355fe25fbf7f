//! Durations and sizes as people say them. Pure, and in integers only: formatting floating point
//! numbers would add a quarter to what the panel weighs.

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// The smallest number that is taken for an epoch time in milliseconds where a duration is expected:
/// 10^11 ms is over three years as a duration, and March 1973 as a time. Versions of Ignition differ in
/// which of the two `lastComm` is.
const EPOCH_FROM: u64 = 100_000_000_000;

/// A duration in milliseconds, in its two largest units: "350 ms", "12 s", "4 min 12 s", "3 h 5 min",
/// "2 d 4 h".
#[must_use]
pub fn duration(ms: u64) -> String {
    let two = |large: u64, name: &str, small: u64, small_name: &str| {
        let (whole, rest) = (ms / large, ms % large / small);
        if rest == 0 {
            format!("{whole} {name}")
        } else {
            format!("{whole} {name} {rest} {small_name}")
        }
    };
    match ms {
        0..SECOND => format!("{ms} ms"),
        SECOND..MINUTE => format!("{} s", ms / SECOND),
        MINUTE..HOUR => two(MINUTE, "min", SECOND, "s"),
        HOUR..DAY => two(HOUR, "h", MINUTE, "min"),
        _ => two(DAY, "d", HOUR, "h"),
    }
}

/// How long ago an epoch time in milliseconds was, where the value is one. What lies in the future by
/// this clock was just now.
#[must_use]
pub const fn age_of_epoch(value: u64, now_ms: u64) -> Option<u64> {
    if value > EPOCH_FROM { Some(now_ms.saturating_sub(value)) } else { None }
}

/// A size in bytes: "512 B", "1.5 KiB" (1 KiB is 1024 bytes). Rounded down.
#[must_use]
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let (mut whole, mut tenths, mut unit) = (bytes, 0, "B");
    for next in UNITS {
        if whole < 1024 {
            break;
        }
        tenths = whole % 1024 * 10 / 1024;
        whole /= 1024;
        unit = next;
    }
    format!("{whole}.{tenths} {unit}")
}

/// An integer with its digits in groups of three: "1,234,567".
#[must_use]
pub fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_said_in_its_two_largest_units() {
        for (ms, text) in [
            (0, "0 ms"),
            (999, "999 ms"),
            (1_000, "1 s"),
            (59_999, "59 s"),
            (60_000, "1 min"),
            (252_000, "4 min 12 s"),
            (3_600_000, "1 h"),
            (11_100_000, "3 h 5 min"),
            (187_200_000, "2 d 4 h"),
            (1 << 53, "104249991 d 8 h"),
        ] {
            assert_eq!(duration(ms), text);
        }
    }

    #[test]
    fn a_value_over_ten_to_the_eleventh_is_an_epoch_time() {
        let now = 1_763_900_000_000;
        assert_eq!(age_of_epoch(8_317, now), None);
        assert_eq!(age_of_epoch(100_000_000_000, now), None);
        assert_eq!(age_of_epoch(now - 5_000, now), Some(5_000));
        assert_eq!(age_of_epoch(now + 5_000, now), Some(0));
    }

    #[test]
    fn a_size_is_said_in_the_unit_that_fits() {
        for (bytes, text) in [
            (0, "0 B"),
            (1_023, "1023 B"),
            (1_024, "1.0 KiB"),
            (1_536, "1.5 KiB"),
            (1_048_575, "1023.9 KiB"),
            (1_048_576, "1.0 MiB"),
            (5_905_580_032, "5.5 GiB"),
            (u64::MAX, "15.9 EiB"),
        ] {
            assert_eq!(size(bytes), text);
        }
    }

    #[test]
    fn digits_stand_in_groups_of_three() {
        for (value, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (123_456, "123,456"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(grouped(value), text);
        }
    }
}
