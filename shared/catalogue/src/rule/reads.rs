//! Finds the fields of the answers that an expression reads. A field that no form has is a typing
//! mistake, which `has(…)` would hide for ever.

use cel::Program;
use cel::common::ast::{ComprehensionExpr, EntryExpr, Expr, IdedExpr};
use sportello_domain::JsonPointer;

/// A field that an expression reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Read {
    /// Its place below `/answers`, with `*` for every element.
    pub pointer: JsonPointer,
    /// Characters of the expression before the field.
    pub offset: usize,
}

/// Returns the fields that a program reads, as far as names show.
pub(super) fn of(program: &Program, each: Option<&JsonPointer>) -> Vec<Read> {
    let mut reads = Reads {
        places: Places::of(each),
        found: Vec::new(),
    };
    reads.visit(program.expression());
    let read = |(at, pointer): (&IdedExpr, JsonPointer)| Read {
        pointer,
        offset: super::compile::offset(program, at),
    };
    reads.found.into_iter().map(read).collect()
}

/// Places in the answers of an expression's variables.
pub(super) struct Places<'p> {
    /// Variables, the innermost last, and their place if it is in the answers.
    roots: Vec<(&'p str, Option<JsonPointer>)>,
}

impl<'p> Places<'p> {
    /// Returns the variables of a rule; with `each`, of an element of that list.
    pub(super) fn of(each: Option<&JsonPointer>) -> Self {
        Self {
            roots: vec![
                ("answers", Some(["answers"].into())),
                ("item", each.map(|each| each.member("*"))),
            ],
        }
    }

    /// Adds the variables of a loop; returns the argument for [`Self::leave`] at its end.
    pub(super) fn enter(&mut self, comprehension: &'p ComprehensionExpr) -> usize {
        let element = self.place(&comprehension.iter_range).map(|list| list.member("*"));
        let outside = self.roots.len();
        self.roots.push((&comprehension.iter_var, element));
        self.roots
            .extend(comprehension.iter_var2.as_deref().map(|name| (name, None)));
        self.roots.push((&comprehension.accu_var, None));
        outside
    }

    /// Removes a loop's variables.
    pub(super) fn leave(&mut self, outside: usize) {
        self.roots.truncate(outside);
    }

    /// Returns the pointer of a chain of names, such as `answers.place.town`.
    pub(super) fn place(&self, at: &IdedExpr) -> Option<JsonPointer> {
        match &at.expr {
            Expr::Ident(name) => {
                let root = self.roots.iter().rev().find(|(root, _)| root == name);
                root.and_then(|(_, pointer)| pointer.clone())
            }
            Expr::Select(select) => Some(self.place(&select.operand)?.member(&select.field)),
            Expr::Unspecified
            | Expr::Literal(_)
            | Expr::Struct(_)
            | Expr::Call(_)
            | Expr::List(_)
            | Expr::Map(_)
            | Expr::Comprehension(_) => None,
        }
    }
}

struct Reads<'p> {
    places: Places<'p>,
    found: Vec<(&'p IdedExpr, JsonPointer)>,
}

impl<'p> Reads<'p> {
    fn visit(&mut self, at: &'p IdedExpr) {
        match &at.expr {
            Expr::Unspecified | Expr::Literal(_) | Expr::Ident(_) | Expr::Struct(_) => {}
            Expr::Select(select) => match self.places.place(at) {
                Some(pointer) => self.found.push((at, pointer)),
                None => self.visit(&select.operand),
            },
            Expr::Call(call) => {
                let target = call.target.as_deref();
                target
                    .into_iter()
                    .chain(&call.args)
                    .for_each(|part| self.visit(part));
            }
            Expr::List(list) => list.elements.iter().for_each(|element| self.visit(element)),
            Expr::Map(map) => {
                for entry in &map.entries {
                    if let EntryExpr::MapEntry(entry) = &entry.expr {
                        self.visit(&entry.key);
                        self.visit(&entry.value);
                    }
                }
            }
            Expr::Comprehension(comprehension) => self.comprehension(comprehension),
        }
    }

    fn comprehension(&mut self, comprehension: &'p ComprehensionExpr) {
        self.visit(&comprehension.iter_range);
        self.visit(&comprehension.accu_init);
        let outside = self.places.enter(comprehension);
        self.visit(&comprehension.loop_cond);
        self.visit(&comprehension.loop_step);
        self.visit(&comprehension.result);
        self.places.leave(outside);
    }
}
