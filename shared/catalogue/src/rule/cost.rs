//! The cost of rules: parts of expressions evaluated if each list is as long as its form allows.

use cel::Program;
use cel::common::ast::{CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedExpr};
use sportello_domain::JsonPointer;

use super::reads::Places;

/// Most parts that all rules of one file may evaluate for one application. A part takes a fraction
/// of a microsecond, on the thread that serves all callers.
pub(crate) const MOST_PARTS: u64 = 100_000;

/// Returns the most elements of the list at a pointer in any form of the rule; none if it is not a
/// list.
pub(super) type Longest<'f> = &'f dyn Fn(&JsonPointer) -> u64;

/// Returns the most parts that the program evaluates.
pub(super) fn of(program: &Program, each: Option<&JsonPointer>, longest: Longest<'_>) -> u64 {
    let times = each.map_or(1, longest);
    let mut cost = Cost {
        places: Places::of(each),
        longest,
    };
    times.saturating_mul(cost.expression(program.expression()))
}

struct Cost<'p, 'f> {
    places: Places<'p>,
    longest: Longest<'f>,
}

impl<'p> Cost<'p, '_> {
    fn expression(&mut self, at: &'p IdedExpr) -> u64 {
        let parts = match &at.expr {
            Expr::Unspecified | Expr::Literal(_) | Expr::Ident(_) | Expr::Struct(_) => 0,
            Expr::Select(select) => self.expression(&select.operand),
            Expr::Call(call) => self.call(call),
            Expr::List(list) => self.all(&list.elements),
            Expr::Map(map) => {
                let parts = map.entries.iter().filter_map(|entry| match &entry.expr {
                    EntryExpr::MapEntry(entry) => Some([&entry.key, &entry.value]),
                    EntryExpr::StructField(_) => None,
                });
                self.all(parts.flatten())
            }
            Expr::Comprehension(comprehension) => self.comprehension(comprehension),
        };
        parts.saturating_add(1)
    }

    fn all(&mut self, parts: impl IntoIterator<Item = &'p IdedExpr>) -> u64 {
        parts
            .into_iter()
            .fold(0, |sum: u64, part| sum.saturating_add(self.expression(part)))
    }

    /// Adds the cost of a call: `unique`, `sum`, `in` and `==` may look at every element of their
    /// lists.
    fn call(&mut self, call: &'p CallExpr) -> u64 {
        arguments(call).fold(0, |sum: u64, part| {
            sum.saturating_add(self.expression(part))
                .saturating_add(self.length(part))
        })
    }

    fn comprehension(&mut self, comprehension: &'p ComprehensionExpr) -> u64 {
        let around = self.all([&comprehension.iter_range, &comprehension.accu_init]);
        let times = self.length(&comprehension.iter_range);
        let outside = self.places.enter(comprehension);
        let inside = self.all([&comprehension.loop_cond, &comprehension.loop_step]);
        let result = self.expression(&comprehension.result);
        self.places.leave(outside);
        around
            .saturating_add(times.saturating_mul(inside))
            .saturating_add(result)
    }

    /// Returns the most elements of a list; 0 for other values.
    fn length(&self, at: &'p IdedExpr) -> u64 {
        if let Some(pointer) = self.places.place(at) {
            return (self.longest)(&pointer);
        }
        match &at.expr {
            Expr::List(list) => list.elements.len() as u64,
            Expr::Map(map) => map.entries.len() as u64,
            // `map` and `filter` begin with an empty list and return at most as many elements as
            // they read
            Expr::Comprehension(comprehension) => {
                if matches!(comprehension.accu_init.expr, Expr::List(_)) {
                    self.length(&comprehension.iter_range)
                } else {
                    0
                }
            }
            // the parts of `a + b`, `c ? a : b`, `a[0]`, `dyn(a)`
            Expr::Call(call) => {
                arguments(call).fold(0, |sum: u64, part| sum.saturating_add(self.length(part)))
            }
            Expr::Unspecified | Expr::Literal(_) | Expr::Ident(_) | Expr::Select(_) | Expr::Struct(_) => 0,
        }
    }
}

fn arguments(call: &CallExpr) -> impl Iterator<Item = &IdedExpr> {
    call.target.as_deref().into_iter().chain(&call.args)
}
