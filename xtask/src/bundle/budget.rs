//! What a page may download.

use crate::error::Error;
use brotli::enc::{BrotliCompress, BrotliEncoderParams};
use std::path::Path;

/// A file by its name, with its bytes after brotli at its best.
type Size<'a> = (&'a str, usize);

/// Checks that each set of files, which a page downloads together, stays within so many bytes.
///
/// # Errors
/// [`Error::Budget`] for the first set that does not, [`Error::File`] for a file that can't be read.
pub fn check<'a>(
    folder: &Path,
    sets: impl IntoIterator<Item = [&'a str; 2]>,
    budget: usize,
) -> Result<(), Error> {
    for set in sets {
        let mut sizes = Vec::new();
        for name in set {
            sizes.push((name, compressed(&folder.join(name))?));
        }
        within(&sizes, budget)?;
    }
    Ok(())
}

fn within(sizes: &[Size], budget: usize) -> Result<(), Error> {
    let total: usize = sizes.iter().map(|(_, size)| size).sum();
    if total <= budget {
        return Ok(());
    }
    let parts: Vec<_> = sizes.iter().map(|(name, size)| format!("{name} {size}")).collect();
    Err(Error::Budget { parts: parts.join(" + "), total, budget })
}

fn compressed(path: &Path) -> Result<usize, Error> {
    let bytes = std::fs::read(path).map_err(Error::file(path))?;
    let best = BrotliEncoderParams { quality: 11, ..BrotliEncoderParams::default() };
    BrotliCompress(&mut bytes.as_slice(), &mut std::io::sink(), &best).map_err(Error::file(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use xshell::Shell;

    #[test]
    fn exactly_the_budget_is_within_it() {
        assert!(within(&[("agent.js", 3000), ("agent.wasm", 5192)], 8192).is_ok());
    }

    #[test]
    fn one_byte_over_is_an_error_that_names_the_parts_and_their_sizes() {
        let error = within(&[("agent.js", 3000), ("agent.wasm", 5193)], 8192).unwrap_err();
        assert_eq!(
            error.to_string(),
            "agent.js 3000 + agent.wasm 5193 = 8193 bytes after brotli, 1 more than the 8192 that a page may download"
        );
    }

    #[test]
    fn each_set_has_the_budget_for_itself_and_counts_as_brotli_makes_it() {
        let folder = Shell::new().unwrap().create_temp_dir().unwrap();
        let write = |name, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
        write("repeated", &[b'a'; 10_000]);
        let noise = |seed: u32| {
            (0..200u32).map(move |i| (i.wrapping_mul(2_654_435_761) ^ seed).to_be_bytes()[1])
        };
        write("noise", &noise(7).collect::<Vec<_>>());
        let check = |sets: &[[&'static str; 2]]| check(folder.path(), sets.iter().copied(), 250);
        assert!(check(&[["repeated", "noise"], ["noise", "repeated"]]).is_ok());
        let over = check(&[["repeated", "noise"], ["noise", "noise"]]);
        assert!(matches!(over, Err(Error::Budget { .. })));
        assert!(matches!(check(&[["noise", "absent"]]), Err(Error::File { .. })));
    }
}
