//! The judge's state in bytes, exact to the last bit, so that a restart neither forgets evidence nor invents any.
//!
//! Text formats write floats as decimals, of which some readers lose the last digit, and none knows minus infinity,
//! where every bet begins. Arrays whose length is a parameter are unknown to serde. So each type lists its fields once
//! ([`state`]), and both directions follow from the list: whoever adds a field and forgets it here does not compile. What
//! follows from the settings is not written but made anew from them, so that it cannot contradict them.

mod bytes;
mod written;

pub(crate) use self::bytes::{Damage, Reader, Writer};

use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::vec::Vec;

/// Something that can be written and read back without losing a bit.
pub(crate) trait Exact {
    fn write(&self, to: &mut Writer);

    /// Reads into a value that was made from the settings.
    fn read(&mut self, from: &mut Reader<'_>) -> Result<(), Damage>;
}

/// What a value is before it is read, where no setting makes one.
pub(crate) trait Blank {
    fn blank() -> Self;
}

impl<T: Default> Blank for T {
    fn blank() -> T {
        T::default()
    }
}

/// A value that nothing is known about beforehand.
pub(crate) fn read_new<T: Exact + Blank>(from: &mut Reader<'_>) -> Result<T, Damage> {
    let mut value = T::blank();
    value.read(from)?;
    Ok(value)
}

/// Says how a type is written: the fields that are written; those that are `made` from the settings; those `each` of whose
/// values is made from the settings and then read into. `sound` is what must hold of what was read.
macro_rules! state {
    (
        $name:ident $(<$(const $size:ident: usize),+>)? { $($field:ident),* $(,)? }
        $(each { $($each:ident),* })?
        $(made { $($made:ident),* })?
        $(sound $sound:expr)?
    ) => {
        impl $(<$(const $size: usize),+>)? $crate::exact::Exact for $name $(<$($size),+>)? {
            fn write(&self, to: &mut $crate::exact::Writer) {
                let $name { $($field,)* $($($each,)*)? $($($made: _,)*)? } = self;
                $($crate::exact::Exact::write($field, to);)*
                $($($each.iter().for_each(|each| $crate::exact::Exact::write(each, to));)*)?
            }

            fn read(&mut self, from: &mut $crate::exact::Reader<'_>) -> Result<(), $crate::exact::Damage> {
                let $name { $($field,)* $($($each,)*)? $($($made: _,)*)? } = &mut *self;
                $($crate::exact::Exact::read($field, from)?;)*
                $($($each.iter_mut().try_for_each(|each| $crate::exact::Exact::read(each, from))?;)*)?
                $(
                    let sound: fn(&Self) -> bool = $sound;
                    if !sound(self) {
                        return Err($crate::exact::Damage::Contradiction(stringify!($name)));
                    }
                )?
                Ok(())
            }
        }
    };
}
pub(crate) use state;

/// The same for a type that wraps one value.
macro_rules! wrapped {
    ($name:ident $(<$(const $size:ident: usize),+>)?) => {
        impl $(<$(const $size: usize),+>)? $crate::exact::Exact for $name $(<$($size),+>)? {
            fn write(&self, to: &mut $crate::exact::Writer) {
                $crate::exact::Exact::write(&self.0, to);
            }

            fn read(&mut self, from: &mut $crate::exact::Reader<'_>) -> Result<(), $crate::exact::Damage> {
                $crate::exact::Exact::read(&mut self.0, from)
            }
        }
    };
}
pub(crate) use wrapped;

/// The same for an enum without fields, in the order of the list.
macro_rules! choice {
    ($name:ident { $first:ident $(, $other:ident)* $(,)? }) => {
        impl $crate::exact::Exact for $name {
            fn write(&self, to: &mut $crate::exact::Writer) {
                const ALL: &[$name] = &[$name::$first $(, $name::$other)*];
                // Nothing but a proof that the list is complete.
                match self {
                    $name::$first $(| $name::$other)* => {}
                }
                to.number(ALL.iter().take_while(|one| *one != self).count() as u64);
            }

            fn read(&mut self, from: &mut $crate::exact::Reader<'_>) -> Result<(), $crate::exact::Damage> {
                const ALL: &[$name] = &[$name::$first $(, $name::$other)*];
                *self = *from.one_of(ALL, stringify!($name))?;
                Ok(())
            }
        }

        impl $crate::exact::Blank for $name {
            fn blank() -> $name {
                $name::$first
            }
        }
    };
}
pub(crate) use choice;

impl Exact for f64 {
    fn write(&self, to: &mut Writer) {
        to.float(*self);
    }

    fn read(&mut self, from: &mut Reader<'_>) -> Result<(), Damage> {
        let value = from.float()?;
        if value.is_nan() || value > f64::MAX {
            return Err(Damage::NoNumber);
        }
        *self = value;
        Ok(())
    }
}

/// The nearest float with so many binary digits after the first: fewer bytes, where nobody could tell the difference.
pub(crate) fn rounded<const DIGITS: u32>(value: f64) -> f64 {
    let cut = f64::MANTISSA_DIGITS - 1 - DIGITS;
    // Carrying over into the exponent is right: that is the next power of two.
    f64::from_bits((value.to_bits() + (1 << (cut - 1))) >> cut << cut)
}

impl Exact for u64 {
    fn write(&self, to: &mut Writer) {
        to.number(*self);
    }

    fn read(&mut self, from: &mut Reader<'_>) -> Result<(), Damage> {
        *self = from.number()?;
        Ok(())
    }
}

/// Small numbers of either sign are short.
impl Exact for i64 {
    fn write(&self, to: &mut Writer) {
        to.number(((self << 1) ^ (self >> 63)).cast_unsigned());
    }

    fn read(&mut self, from: &mut Reader<'_>) -> Result<(), Damage> {
        let folded = from.number()?;
        *self = (folded >> 1).cast_signed() ^ -(folded & 1).cast_signed();
        Ok(())
    }
}

macro_rules! narrower {
    ($($name:ty),*) => {$(
        impl Exact for $name {
            fn write(&self, to: &mut Writer) {
                to.number(u64::from(*self));
            }

            fn read(&mut self, from: &mut Reader<'_>) -> Result<(), Damage> {
                *self = <$name>::try_from(from.number()?).map_err(|_| Damage::OutOfRange)?;
                Ok(())
            }
        }
    )*};
}
narrower!(u8, u16, u32);

impl Exact for bool {
    fn write(&self, to: &mut Writer) {
        to.number(u64::from(*self));
    }

    fn read(&mut self, from: &mut Reader<'_>) -> Result<(), Damage> {
        *self = *from.one_of(&[false, true], "bool")?;
        Ok(())
    }
}

impl Exact for String {
    fn write(&self, to: &mut Writer) {
        to.text(self);
    }

    fn read(&mut self, from: &mut Reader<'_>) -> Result<(), Damage> {
        *self = from.text()?.into();
        Ok(())
    }
}

impl<T: Exact, const K: usize> Exact for [T; K] {
    fn write(&self, to: &mut Writer) {
        self.iter().for_each(|item| item.write(to));
    }

    fn read(&mut self, from: &mut Reader<'_>) -> Result<(), Damage> {
        self.iter_mut().try_for_each(|item| item.read(from))
    }
}

impl<T: Exact, U: Exact> Exact for (T, U) {
    fn write(&self, to: &mut Writer) {
        self.0.write(to);
        self.1.write(to);
    }

    fn read(&mut self, from: &mut Reader<'_>) -> Result<(), Damage> {
        self.0.read(from)?;
        self.1.read(from)
    }
}

impl<T: Exact + Blank> Exact for Option<T> {
    fn write(&self, to: &mut Writer) {
        self.is_some().write(to);
        if let Some(value) = self {
            value.write(to);
        }
    }

    fn read(&mut self, from: &mut Reader<'_>) -> Result<(), Damage> {
        *self = if read_new(from)? { Some(read_new(from)?) } else { None };
        Ok(())
    }
}

impl<T: Exact + Blank> Exact for Vec<T> {
    fn write(&self, to: &mut Writer) {
        to.number(self.len() as u64);
        self.iter().for_each(|item| item.write(to));
    }

    fn read(&mut self, from: &mut Reader<'_>) -> Result<(), Damage> {
        *self = (0..from.length()?).map(|_| read_new(from)).collect::<Result<_, _>>()?;
        Ok(())
    }
}

impl<T: Exact + Blank> Exact for VecDeque<T> {
    fn write(&self, to: &mut Writer) {
        to.number(self.len() as u64);
        self.iter().for_each(|item| item.write(to));
    }

    fn read(&mut self, from: &mut Reader<'_>) -> Result<(), Damage> {
        *self = (0..from.length()?).map(|_| read_new(from)).collect::<Result<_, _>>()?;
        Ok(())
    }
}
