//! Evaluation allocates nothing: not for a flag that always says the same, not for rules, splits and prerequisites.
#![expect(unsafe_code, reason = "an allocator can only be counted by standing in for it")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use flags::{Bucketing, Context, FlagSet, Shelf, Value};

struct Counting;

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: everything is left to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.with(|count| count.set(count.get() + 1));
        // SAFETY: as the caller promised.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as the caller promised.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// How often `act` allocates.
fn allocations(act: impl FnOnce()) -> usize {
    let before = COUNT.with(Cell::get);
    act();
    COUNT.with(Cell::get) - before
}

#[test]
fn the_counter_counts() {
    assert_eq!(allocations(|| drop(std::hint::black_box(vec![1, 2, 3]))), 1);
}

#[test]
fn our_flags_are_evaluated_without_allocating() {
    let shelf: Shelf = Shelf {
        flags: serde_json::from_str(include_str!("shelf/flags.json")).unwrap(),
        segments: serde_json::from_str(include_str!("shelf/segments.json")).unwrap(),
    };
    flags::check(&shelf).unwrap();
    for bucketing in [Bucketing::V2, Bucketing::V3] {
        let set = FlagSet::compile(&shelf, "production", bucketing);
        let keys: Vec<String> = set.keys().map(str::to_owned).collect();
        for user in ["jack", "queen", "a-long-key-of-a-user-that-fills-several-blocks@example.com", ""] {
            for (plan, version, age) in [("pro", "2.1.0", 42.5), ("free", "1.0.0-rc.1", 7.0), ("", "none", f64::NAN)] {
                let attributes = [
                    ("plan", Value::Text(plan)),
                    ("version", Value::Text(version)),
                    ("age", Value::Float(age)),
                    ("email", Value::Text("who@example.org")),
                    ("beta", Value::Bool(true)),
                ];
                let context = Context { targeting_key: Some(user), attributes: &attributes, at_s: 1_800_000_000 };
                for key in &keys {
                    let count = allocations(|| {
                        std::hint::black_box(set.evaluate(key, &context)).unwrap();
                    });
                    assert_eq!(count, 0, "{key} {user} {plan}");
                }
            }
        }
    }
}
