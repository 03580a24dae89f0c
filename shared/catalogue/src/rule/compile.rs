//! Compiles an expression into a program with known names and bounded cost.

use cel::common::ast::{CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedExpr};
use cel::{ParseErrors, Program};

use super::RuleMistake;
use super::function::OURS;
use crate::nearest;

/// Longest expression, in characters.
const LONGEST: usize = 1_000;
/// Most brackets and conditions: the parser goes deeper with each.
const MOST_BRACKETS: usize = 60;
/// Deepest nesting of an expression: the evaluation goes deeper with each level.
const DEEPEST: usize = 60;
/// Most nested loops, including the one over `each`: the work grows with the power of the lists'
/// lengths.
const MOST_LOOPS: usize = 2;

/// The language's own functions.
const STANDARD: [&str; 12] = [
    "bool",
    "bytes",
    "contains",
    "double",
    "dyn",
    "endsWith",
    "int",
    "size",
    "startsWith",
    "string",
    "type",
    "uint",
];
/// Macros that expand to loops and tests.
const MACROS: [&str; 6] = ["all", "exists", "exists_one", "filter", "has", "map"];

/// Compiles an expression.
pub(super) fn compile(check: &str, each: bool) -> Result<Program, RuleMistake> {
    within_bounds(check)?;
    let program = Program::compile(check).map_err(|errors| syntax(check, &errors))?;
    let mut names = Names {
        variables: if each {
            &["answers", "applicant", "category", "item"]
        } else {
            &["answers", "applicant", "category"]
        },
        bound: Vec::new(),
        program: &program,
    };
    names.expression(program.expression(), 0, usize::from(each))?;
    Ok(program)
}

fn mistake(offset: usize, message: impl Into<String>, advice: impl Into<String>) -> RuleMistake {
    RuleMistake {
        offset,
        message: message.into(),
        advice: advice.into(),
    }
}

/// Returns the characters of the expression before a part of it.
pub(super) fn offset(program: &Program, at: &IdedExpr) -> usize {
    let source = program.source_info();
    let bytes = source.offset_for(at.id).map_or(0, |(start, _)| start as usize);
    let before = source
        .source
        .char_indices()
        .take_while(|(index, _)| *index < bytes);
    before.count()
}

fn within_bounds(check: &str) -> Result<(), RuleMistake> {
    if check.trim().is_empty() {
        return Err(mistake(0, "the expression is empty", "write what must be true"));
    }
    if check.chars().count() > LONGEST {
        let message = format!("an expression may have at most {LONGEST} characters");
        return Err(mistake(LONGEST, message, "split it into several rules"));
    }
    let mut brackets = check.chars().enumerate().filter(|(_, c)| "([{?".contains(*c));
    match brackets.nth(MOST_BRACKETS) {
        None => Ok(()),
        Some((offset, _)) => {
            let message =
                format!("an expression may have at most {MOST_BRACKETS} brackets and question marks");
            Err(mistake(offset, message, "split it into several rules"))
        }
    }
}

/// Advice for the most common mistakes.
const SIGNS: &str = "compare with ==, !=, <, <=, > and >=; write && for and, || for or, ! for not; put text between \
                     quotation marks";

fn syntax(check: &str, errors: &ParseErrors) -> RuleMistake {
    let Some(error) = errors.errors.first() else {
        return mistake(0, "the expression can't be read", SIGNS);
    };
    let (line, column) = (
        error.pos.0.max(1).unsigned_abs(),
        error.pos.1.max(1).unsigned_abs(),
    );
    let before: usize = check
        .split_inclusive('\n')
        .take(line - 1)
        .map(|line| line.chars().count())
        .sum();
    let offset = (before + column - 1).min(check.chars().count());
    mistake(
        offset,
        format!("the expression can't be read: {}", error.msg),
        SIGNS,
    )
}

/// Searches for unknown names.
struct Names<'p> {
    variables: &'static [&'static str],
    /// Variables of the enclosing loops.
    bound: Vec<&'p str>,
    program: &'p Program,
}

impl<'p> Names<'p> {
    fn wrong(&self, at: &IdedExpr, message: impl Into<String>, advice: impl Into<String>) -> RuleMistake {
        mistake(offset(self.program, at), message, advice)
    }

    fn expression(&mut self, at: &'p IdedExpr, depth: usize, loops: usize) -> Result<(), RuleMistake> {
        if depth > DEEPEST {
            let message = format!("the expression is nested more than {DEEPEST} deep");
            return Err(self.wrong(at, message, "split it into several rules"));
        }
        match &at.expr {
            Expr::Unspecified | Expr::Literal(_) => Ok(()),
            Expr::Ident(name) => self.variable(at, name),
            Expr::Select(select) => self.expression(&select.operand, depth + 1, loops),
            Expr::Call(call) => {
                self.function(at, call)?;
                self.all(call.target.as_deref().into_iter().chain(&call.args), depth, loops)
            }
            Expr::List(list) => self.all(&list.elements, depth, loops),
            Expr::Map(map) => map
                .entries
                .iter()
                .try_for_each(|entry| self.entry(&entry.expr, depth, loops)),
            Expr::Struct(_) => Err(self.wrong(at, "messages are not supported", "write a map or a list")),
            Expr::Comprehension(comprehension) => self.comprehension(at, comprehension, depth, loops),
        }
    }

    fn all(
        &mut self,
        parts: impl IntoIterator<Item = &'p IdedExpr>,
        depth: usize,
        loops: usize,
    ) -> Result<(), RuleMistake> {
        parts
            .into_iter()
            .try_for_each(|part| self.expression(part, depth + 1, loops))
    }

    fn entry(&mut self, entry: &'p EntryExpr, depth: usize, loops: usize) -> Result<(), RuleMistake> {
        match entry {
            EntryExpr::StructField(field) => self.expression(&field.value, depth + 1, loops),
            EntryExpr::MapEntry(entry) => self.all([&entry.key, &entry.value], depth, loops),
        }
    }

    fn variable(&self, at: &IdedExpr, name: &str) -> Result<(), RuleMistake> {
        // the language's own names begin with @
        if name.starts_with('@') || self.bound.contains(&name) || self.variables.contains(&name) {
            return Ok(());
        }
        if name == "item" {
            return Err(self.wrong(at, "`item` is available only in a rule with `each`", "add `each`"));
        }
        let known: Vec<&str> = self.variables.iter().chain(&self.bound).copied().collect();
        let message = format!("`{name}` is not a variable");
        Err(self.wrong(at, message, nearest::advice(name, &known)))
    }

    fn function(&self, at: &IdedExpr, call: &CallExpr) -> Result<(), RuleMistake> {
        let name = call.func_name.as_str();
        // operators are called _+_, @in and the like
        let operator = !name.starts_with(|c: char| c.is_ascii_alphabetic());
        if operator || STANDARD.contains(&name) {
            return Ok(());
        }
        let given = call.args.len() + usize::from(call.target.is_some());
        match OURS.iter().find(|(ours, _)| *ours == name) {
            Some((_, takes)) if *takes == given => Ok(()),
            Some((_, takes)) => {
                Err(self.wrong(at, format!("`{name}` takes {takes} values, not {given}"), ""))
            }
            None => {
                let ours = OURS.iter().map(|(name, _)| *name);
                let known: Vec<&str> = ours.chain(STANDARD).chain(MACROS).collect();
                let message = format!("`{name}` is not a function");
                Err(self.wrong(at, message, nearest::advice(name, &known)))
            }
        }
    }

    fn comprehension(
        &mut self,
        at: &IdedExpr,
        comprehension: &'p ComprehensionExpr,
        depth: usize,
        loops: usize,
    ) -> Result<(), RuleMistake> {
        if loops == MOST_LOOPS {
            let message = format!("more than {MOST_LOOPS} loops are nested (`each` counts as one)");
            return Err(self.wrong(at, message, "split it into several rules"));
        }
        self.all(
            [&comprehension.iter_range, &comprehension.accu_init],
            depth,
            loops,
        )?;
        let outside = self.bound.len();
        self.bound.push(&comprehension.iter_var);
        self.bound.extend(comprehension.iter_var2.as_deref());
        self.bound.push(&comprehension.accu_var);
        let inside = [&comprehension.loop_cond, &comprehension.loop_step];
        self.all(inside, depth, loops + 1)?;
        self.all([&comprehension.result], depth, loops)?;
        self.bound.truncate(outside);
        Ok(())
    }
}
