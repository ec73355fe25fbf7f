//! Bytes that are kept in many pieces, in blocks: what grows is not copied, and takes no more room than it needs. Pure.

use alloc::vec::Vec;

/// How large a block is, unless a piece is larger, in bytes.
const BLOCK: usize = 1 << BITS;
const BITS: u32 = 20;

/// Where a piece is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Piece {
    /// The number of the block, and behind it in [`BITS`] bits where in it the piece begins.
    place: u32,
    len: u32,
}

/// Pieces of bytes.
#[derive(Default)]
pub struct Blocks(Vec<Vec<u8>>);

impl Piece {
    /// How many bytes it has.
    pub const fn len(self) -> usize {
        self.len as usize
    }
}

impl Blocks {
    /// Keeps a piece. Of more than 4 GiB nothing is kept.
    pub fn add(&mut self, piece: &[u8]) -> Piece {
        if self.0.last().is_none_or(|block| block.len() + piece.len() > BLOCK) {
            self.0.push(Vec::with_capacity(BLOCK.max(piece.len())));
        }
        let number = self.0.len() - 1;
        let Some(block) = self.0.last_mut() else { return Piece::default() };
        let place = u32::try_from(number << BITS | block.len());
        let (Ok(place), Ok(len)) = (place, u32::try_from(piece.len())) else {
            return Piece::default();
        };
        block.extend_from_slice(piece);
        Piece { place, len }
    }

    /// A piece that was kept here.
    pub fn get(&self, Piece { place, len }: Piece) -> &[u8] {
        let start = place as usize & (BLOCK - 1);
        let block = self.0.get((place >> BITS) as usize);
        block.and_then(|block| block.get(start..start + len as usize)).unwrap_or_default()
    }

    /// How many bytes are kept.
    pub fn len(&self) -> usize {
        self.0.iter().map(Vec::len).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_of_any_size_are_as_they_were() {
        let mut blocks = Blocks::default();
        let sizes = [0, 1, 700_000, 700_000, 3_000_000, 5, 1 << 20, 0, (1 << 20) - 5, 5, 1];
        let all: Vec<Vec<u8>> = (0..).zip(sizes).map(|(i, size)| vec![i; size]).collect();
        let pieces: Vec<Piece> = all.iter().map(|bytes| blocks.add(bytes)).collect();
        for (bytes, piece) in all.iter().zip(pieces) {
            assert_eq!(blocks.get(piece), bytes);
        }
        assert_eq!(blocks.len(), sizes.iter().sum::<usize>());
        assert!(blocks.get(Piece::default()).is_empty());
    }
}
