//! The operators that go through lists. They are the ones that allocate; what we generate does not use them.

use alloc::vec::Vec;

use super::{Frame, Scope};
use crate::datum::Datum;
use crate::logic::{Each, Node};

impl<'v> Frame<'v> {
    pub(super) fn each(&self, what: Each, [list, with]: &'v [Node; 2], scope: Scope<'_, 'v>) -> Datum<'v> {
        let list = self.work_out(list, scope);
        let fits = |item: &Datum<'v>| self.holds(with, Scope::Item(item));
        match what {
            Each::Map => Datum::List(list.items().map(|item| self.work_out(with, Scope::Item(&item))).collect()),
            Each::Filter => Datum::List(list.items().filter(fits).collect()),
            // All of nothing is false: that is how JSONLogic has it.
            Each::All => Datum::Bool(list.length().is_some_and(|n| n > 0) && list.items().all(|item| fits(&item))),
            Each::Some => Datum::Bool(list.items().any(|item| fits(&item))),
            Each::None => Datum::Bool(!list.items().any(|item| fits(&item))),
        }
    }

    pub(super) fn reduce(&self, [list, with, init]: &'v [Node; 3], scope: Scope<'_, 'v>) -> Datum<'v> {
        let list = self.work_out(list, scope);
        list.items().fold(self.work_out(init, scope), |accumulator, current| {
            self.work_out(with, Scope::Reduce { current: &current, accumulator: &accumulator })
        })
    }

    pub(super) fn merge(&self, items: &'v [Node], scope: Scope<'_, 'v>) -> Datum<'v> {
        let mut merged = Vec::new();
        for item in items {
            match self.work_out(item, scope) {
                list if list.length().is_some() => merged.extend(list.items()),
                single => merged.push(single),
            }
        }
        Datum::List(merged)
    }

    pub(super) fn missing(&self, keys: &'v [Node], scope: Scope<'_, 'v>) -> Datum<'v> {
        let keys: Vec<_> = keys.iter().map(|key| self.work_out(key, scope)).collect();
        match keys.first() {
            Some(list) if list.length().is_some() => self.absent(list.items(), scope),
            Some(_) | None => self.absent(keys.into_iter(), scope),
        }
    }

    pub(super) fn missing_some(&self, [needed, keys]: &'v [Node; 2], scope: Scope<'_, 'v>) -> Datum<'v> {
        let needed = self.work_out(needed, scope).number().float();
        let keys = self.work_out(keys, scope);
        let absent = self.absent(keys.items(), scope);
        let present = keys.length().unwrap_or(0).saturating_sub(absent.length().unwrap_or(0));
        #[expect(clippy::cast_precision_loss, reason = "no rule names 2^52 keys")]
        if present as f64 >= needed { Datum::List(Vec::new()) } else { absent }
    }

    fn absent(&self, keys: impl Iterator<Item = Datum<'v>>, scope: Scope<'_, 'v>) -> Datum<'v> {
        Datum::List(
            keys.filter(|key| match self.look_at(key, scope) {
                Datum::Null => true,
                Datum::Text(text) => text.as_str().is_empty(),
                _ => false,
            })
            .collect(),
        )
    }
}
