//! Compiles and runs filters.

use std::io::{self, Write};

use jaq_core::data::JustLut;
use jaq_core::load::{Arena, Error as LoadError, File, Loader, import, span};
use jaq_core::native::{Fun, bome, run, v};
use jaq_core::{Ctx, Vars};
use jaq_json::{Error, Val};

use crate::output::jq::text::{self, Style};
use crate::terminal::text::visible;

type Data = JustLut<Val>;

/// A compiled filter.
pub(crate) struct Filter(jaq_core::Filter<Data>);

/// The reason for which a filter stopped early.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The filter failed.
    Failed(String),
    /// The output cannot be written.
    Output(io::Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// Functions of jq and jaq that read the environment or files, write to standard error, or end the
/// process.
const LEFT_OUT: [&str; 14] = [
    "$ENV",
    "$__prog_args",
    "debug",
    "debug_empty",
    "env",
    "get_search_list",
    "halt",
    "halt_error",
    "input",
    "input_filename",
    "input_line_number",
    "inputs",
    "stderr",
    "stderr_empty",
];

/// Definitions that jaq lacks, or that jaq defines differently from jq.
const DEFINITIONS: &str = include_str!("definitions.jq");

/// The number of characters of a filter to show before and after an error.
const CONTEXT: usize = 50;

impl Filter {
    /// Compiles a filter.
    ///
    /// # Errors
    ///
    /// Returns a message that shows the place of the first error.
    pub(crate) fn compile(code: &str) -> Result<Self, String> {
        let own = jaq_core::load::parse(DEFINITIONS, |parser| parser.defs());
        let own = own.ok_or("the definitions cannot be parsed")?;
        let definitions = jaq_core::defs()
            .chain(jaq_std::defs())
            .chain(jaq_json::defs())
            .filter(|definition| !LEFT_OUT.contains(&definition.name))
            .chain(own);
        let functions = jaq_core::funs()
            .chain(jaq_std::funs())
            .chain(jaq_json::funs())
            .filter(|(name, ..)| !LEFT_OUT.contains(name) && *name != "tojson")
            .chain([tojson()]);
        // As in jq, an empty filter changes nothing.
        let code = if code.trim().is_empty() { "." } else { code };
        let arena = Arena::default();
        let modules = Loader::new(definitions)
            .load(&arena, File { code, path: () })
            .map_err(|errors| first(errors, |error| describe_load(code, error)))?;
        import(&modules, |_| Err(NO_MODULES.to_owned()))
            .map_err(|errors| first(errors, |error| describe_load(code, error)))?;
        let filter = jaq_core::Compiler::default()
            .with_funs(functions)
            .compile(modules)
            .map_err(|errors| first(errors, |error| describe_compile(code, error)))?;
        Ok(Self(filter))
    }

    /// Runs the filter, and writes each result on a line of its own.
    ///
    /// `shows` prepares the text of a result. Results that come before an error are written.
    pub(crate) fn run(
        &self,
        input: Val,
        out: &mut dyn Write,
        shows: fn(String) -> String,
    ) -> Result<(), Stop> {
        let context = Ctx::<Data>::new(&self.0.lut, Vars::new([]));
        for result in self.0.id.run((context, input)) {
            let value = result.map_err(|exception| match exception.get_err() {
                Ok(error) => Stop::Failed(describe_failure(error)),
                Err(_) => Stop::Failed("the filter ended early".to_owned()),
            })?;
            let text = text::raw(&value, Style::Pretty).map_err(Stop::Failed)?;
            writeln!(out, "{}", shows(text))?;
        }
        Ok(())
    }
}

const NO_MODULES: &str = "modules cannot be loaded";

/// Replaces the function of jaq, which writes numbers differently from jq.
fn tojson() -> Fun<Data> {
    run(("tojson", v(0), |cv| {
        let json = text::json(&cv.1, Style::Compact);
        bome(json.map(Val::from).map_err(Error::str))
    }))
}

/// Returns the message of the first error.
fn first<P, E>(errors: Vec<(P, E)>, describe: impl Fn(E) -> Option<String>) -> String {
    errors
        .into_iter()
        .find_map(|(_, error)| describe(error))
        .unwrap_or_else(|| "the filter cannot be compiled".to_owned())
}

fn describe_load(code: &str, error: LoadError<&str>) -> Option<String> {
    match error {
        LoadError::Io(errors) => {
            let (path, _) = errors.into_iter().next()?;
            Some(point(code, path, NO_MODULES))
        }
        LoadError::Lex(errors) => {
            let (expected, found) = errors.into_iter().next()?;
            Some(point(
                code,
                found,
                &format!("expected {}", expected.as_str()),
            ))
        }
        LoadError::Parse(errors) => {
            let (expected, found) = errors.into_iter().next()?;
            let found_text = if found.is_empty() {
                "the filter ends".to_owned()
            } else {
                format!("found `{}`", visible(&shorten(found)))
            };
            let message = format!("expected {}, but {found_text}", expected.as_str());
            Some(point(code, found, &message))
        }
    }
}

fn describe_compile(
    code: &str,
    errors: Vec<(&str, jaq_core::compile::Undefined)>,
) -> Option<String> {
    use jaq_core::compile::Undefined;
    let (name, kind) = errors.into_iter().next()?;
    let message = match kind {
        _ if LEFT_OUT.contains(&name) => format!("`{name}` is not available here"),
        Undefined::Filter(arity) => format!("`{}/{arity}` is not defined", visible(name)),
        _ => format!("{} `{}` is not defined", kind.as_str(), visible(name)),
    };
    Some(point(code, name, &message))
}

/// Returns the message, with the line of the filter and a mark below the place of the error.
fn point(code: &str, fragment: &str, message: &str) -> String {
    let start = span(code, fragment).start.min(code.len());
    let (before, after) = code.split_at(start);
    let line_number = before.matches('\n').count() + 1;
    let before = before.rsplit('\n').next().unwrap_or_default();
    let after = after.split('\n').next().unwrap_or_default();
    let column = before.chars().count() + 1;
    let skipped = before.chars().count().saturating_sub(CONTEXT);
    let ellipsis = if skipped > 0 { "…" } else { "" };
    let before: String = before.chars().skip(skipped).collect();
    let before = format!("{ellipsis}{}", visible(&before));
    let after: String = after.chars().take(CONTEXT).collect();
    let after = visible(&after);
    let indent = " ".repeat(console::measure_text_width(&before));
    format!("{message}, at line {line_number}, column {column}:\n  {before}{after}\n  {indent}^")
}

/// Returns the message of a failed filter. Shortens the values in it, which can be long.
fn describe_failure(error: Error) -> String {
    let value = match error.into_val() {
        Val::Null => return "null (not a string)".to_owned(),
        value @ Val::Obj(_) | value @ Val::Arr(_) => {
            let json = text::json(&value, Style::Compact).unwrap_or_else(|error| error);
            return format!("{} (not a string)", visible(&shorten(&json)));
        }
        value => text::raw(&value, Style::Compact).unwrap_or_else(|error| error),
    };
    visible(&shorten(&value))
}

/// Cuts the middle out of a long text.
fn shorten(text: &str) -> String {
    const HALF: usize = 100;
    let count = text.chars().count();
    if count <= 2 * HALF {
        return text.to_owned();
    }
    let start: String = text.chars().take(HALF).collect();
    let end: String = text.chars().skip(count - HALF).collect();
    format!("{start} … {end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the output of a filter, and the message if it failed.
    fn apply(filter: &str, input: &str) -> (String, Option<String>) {
        let filter = Filter::compile(filter).unwrap();
        let input = jaq_json::read::parse_single(input.as_bytes()).unwrap();
        let mut out = Vec::new();
        let failure = match filter.run(input, &mut out, std::convert::identity) {
            Ok(()) => None,
            Err(Stop::Failed(message)) => Some(message),
            Err(Stop::Output(error)) => panic!("{error}"),
        };
        (String::from_utf8(out).unwrap(), failure)
    }

    fn printed(filter: &str, input: &str) -> String {
        let (out, failure) = apply(filter, input);
        assert_eq!(failure, None, "{filter}");
        out
    }

    fn invalid(filter: &str) -> String {
        Filter::compile(filter).err().unwrap()
    }

    #[test]
    fn each_result_is_printed_on_a_line_of_its_own() {
        let input = r#"[{"b": "x y", "a": 1}, null]"#;
        assert_eq!(printed(".[0].b, .[1]", input), "x y\nnull\n");
        assert_eq!(
            printed(".[0]", input),
            "{\n  \"b\": \"x y\",\n  \"a\": 1\n}\n"
        );
        assert_eq!(printed("", "1"), "1\n");
        assert_eq!(printed("empty", "1"), "");
    }

    #[test]
    fn results_before_a_failure_are_printed() {
        let (out, failure) = apply(".[] | 10 - .", r#"[1, 2, "a", 3]"#);
        assert_eq!(out, "9\n8\n");
        assert_eq!(failure.unwrap(), r#"cannot calculate 10 - "a""#);
        assert_eq!(
            apply("error({a: 1})", "1").1.unwrap(),
            r#"{"a":1} (not a string)"#
        );
    }

    #[test]
    fn the_message_of_a_failure_is_short_and_printable() {
        let input = format!(r#""{}\u001b[31m""#, "a".repeat(1000));
        let message = apply(". - 1", &input).1.unwrap();
        assert!(message.chars().count() < 250, "{message}");
        assert!(
            message.contains("\\u{1b}") || message.contains("\\u001b"),
            "{message}"
        );
        assert!(!message.contains('\u{1b}'));
    }

    #[test]
    fn an_invalid_filter_is_reported_with_its_place() {
        assert_eq!(
            invalid("map(.a) |\n  foo(1)"),
            "`foo/1` is not defined, at line 2, column 3:\n    foo(1)\n    ^"
        );
        assert_eq!(
            invalid(".[ | 1"),
            "expected closing bracket, at line 1, column 7:\n  .[ | 1\n        ^"
        );
        assert_eq!(
            invalid("1 as x"),
            "expected pattern, but found `x`, at line 1, column 6:\n  1 as x\n       ^"
        );
        assert_eq!(
            invalid("1 +"),
            "expected term, but the filter ends, at line 1, column 4:\n  1 +\n     ^"
        );
        assert_eq!(
            invalid("$x"),
            "variable `$x` is not defined, at line 1, column 1:\n  $x\n  ^"
        );
    }

    #[test]
    fn only_the_surroundings_of_the_place_are_shown() {
        let spaces = " ".repeat(200);
        let message = invalid(&format!("1,{spaces}foo{spaces}"));
        let lines: Vec<_> = message.lines().collect();
        assert_eq!(lines[0], "`foo/0` is not defined, at line 1, column 203:");
        assert!(lines[1].chars().count() < 2 * CONTEXT + 4);
        let place = lines[2].find('^').unwrap();
        let shown: String = lines[1].chars().skip(place).collect();
        assert!(shown.starts_with("foo"), "{message}");
    }

    #[test]
    fn functions_with_side_effects_are_left_out() {
        for name in [
            "env",
            "$ENV",
            "input",
            "inputs",
            "debug",
            "debug(1)",
            "stderr",
            "halt",
            "halt(0)",
            "halt_error",
            "halt_error(1)",
            "input_filename",
            "input_line_number",
        ] {
            let message = invalid(name);
            assert!(message.contains("is not available here"), "{message}");
        }
        let modules = [
            "import \"a\" as a; .",
            "include \"a\"; .",
            "import \"a\" as $a; $a",
        ];
        for filter in modules {
            let message = invalid(filter);
            assert!(message.contains("modules cannot be loaded"), "{message}");
        }
    }

    #[test]
    fn definitions_agree_with_jq() {
        let pairs = [
            (
                r#"[1.5, "a\"b", null, true] | @csv"#,
                "1.5,\"a\"\"b\",,true",
            ),
            (r#"["a\tb\\", 4 / 2, null] | @tsv"#, "a\\tb\\\\\t2\t"),
            (r#"["it's", 1] | @sh"#, r"'it'\''s' 1"),
            (r#""aGk" | @base64d"#, "hi"),
            ("4 / 2 | tostring", "2"),
            ("4 / 2 | tojson", "2"),
            (r#"["a", null, 1] | join("-")"#, "a--1"),
            (r#"null | ltrimstr("a")"#, "null"),
            ("1425599621.5 | todate", "2015-03-05T23:53:41Z"),
            ("1425599621 | gmtime | todate", "2015-03-05T23:53:41Z"),
            ("2 | IN(1, 2)", "true"),
            (
                r#"[{name: "a", value: 1}] | from_entries | tojson"#,
                r#"{"a":1}"#,
            ),
            (r#"{} | setpath(["a", 1]; 2) | tojson"#, r#"{"a":[null,2]}"#),
            ("{a: 1, b: 2, c: 3} | del(.a) | tojson", r#"{"b":2,"c":3}"#),
            ("[1, 2, 3, 4] | del(.[0, 2], .[9]) | tojson", "[2,4]"),
            ("{} | del(.a.b) | tojson", "{}"),
        ];
        for (filter, expected) in pairs {
            assert_eq!(
                printed(filter, "null").trim_end_matches('\n'),
                expected,
                "{filter}"
            );
        }
    }
}
