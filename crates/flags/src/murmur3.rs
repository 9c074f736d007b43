//! `MurmurHash3_x86_32` with seed 0 (Austin Appleby, public domain), fed in pieces so that nothing has to be put together first.

pub(crate) struct Murmur3 {
    state: u32,
    /// Bytes that do not fill a block of four yet, the first one lowest.
    pending: u32,
    length: u32,
}

impl Murmur3 {
    pub(crate) const fn new() -> Self {
        Murmur3 { state: 0, pending: 0, length: 0 }
    }

    pub(crate) fn write(&mut self, mut bytes: &[u8]) {
        while !self.length.is_multiple_of(4)
            && let [first, rest @ ..] = bytes
        {
            self.push(*first);
            bytes = rest;
        }
        let (blocks, rest) = bytes.as_chunks::<4>();
        for block in blocks {
            // The algorithm defines the length modulo 2^32.
            self.length = self.length.wrapping_add(4);
            self.mix(u32::from_le_bytes(*block));
        }
        rest.iter().for_each(|byte| self.push(*byte));
    }

    fn push(&mut self, byte: u8) {
        self.pending |= u32::from(byte) << (8 * (self.length % 4));
        self.length = self.length.wrapping_add(1);
        if self.length.is_multiple_of(4) {
            self.mix(self.pending);
            self.pending = 0;
        }
    }

    fn mix(&mut self, block: u32) {
        self.state ^= premix(block);
        self.state = self.state.rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64);
    }

    pub(crate) fn finish(self) -> u32 {
        // A tail of zero bytes mixes to 0, so an absent tail needs no case of its own.
        scramble(self.state ^ premix(self.pending) ^ self.length)
    }
}

/// The finaliser: every bit of the input reaches every bit of the output, and no two inputs share an output.
pub(crate) const fn scramble(mut h: u32) -> u32 {
    h ^= h >> 16;
    h = h.wrapping_mul(0x85eb_ca6b);
    h ^= h >> 13;
    h = h.wrapping_mul(0xc2b2_ae35);
    h ^ (h >> 16)
}

fn premix(block: u32) -> u32 {
    block.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593)
}
