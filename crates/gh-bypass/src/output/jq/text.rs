//! Writes values as jq does.

use std::fmt::Write;

use jaq_json::{Num, Val};

/// The deepest nesting that can be written, as in jq.
const MAX_DEPTH: usize = 256;

/// The largest number, which jq prints instead of infinity.
const MAX_NUMBER: &str = "1.7976931348623157e+308";

#[derive(Clone, Copy)]
pub(crate) enum Style {
    /// Everything on one line.
    Compact,
    /// A line for each item of an array or an object, indented by two spaces.
    Pretty,
}

/// Returns the value as JSON.
pub(crate) fn json(value: &Val, style: Style) -> Result<String, String> {
    let mut out = String::new();
    write_json(&mut out, value, style, 0)?;
    Ok(out)
}

/// Returns a string as it is, and any other value as JSON.
pub(crate) fn raw(value: &Val, style: Style) -> Result<String, String> {
    match value {
        Val::TStr(text) | Val::BStr(text) => Ok(String::from_utf8_lossy(text).into_owned()),
        value => json(value, style),
    }
}

fn write_json(out: &mut String, value: &Val, style: Style, depth: usize) -> Result<(), String> {
    if depth > MAX_DEPTH {
        return Err(format!(
            "a value is nested more than {MAX_DEPTH} levels deep"
        ));
    }
    match value {
        Val::Null => out.push_str("null"),
        Val::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Val::Num(number) => out.push_str(&self::number(number)),
        Val::TStr(text) | Val::BStr(text) => write_string(out, &String::from_utf8_lossy(text)),
        Val::Arr(items) => write_items(out, '[', ']', items.iter(), style, depth, |out, item| {
            write_json(out, item, style, depth + 1)
        })?,
        Val::Obj(members) => {
            let write_member = |out: &mut String, (key, value): (&Val, &Val)| {
                let Val::TStr(key) = key else {
                    return Err("the keys of an object must be strings".to_owned());
                };
                write_string(out, &String::from_utf8_lossy(key));
                out.push_str(match style {
                    Style::Compact => ":",
                    Style::Pretty => ": ",
                });
                write_json(out, value, style, depth + 1)
            };
            write_items(out, '{', '}', members.iter(), style, depth, write_member)?;
        }
    }
    Ok(())
}

fn write_items<T>(
    out: &mut String,
    open: char,
    close: char,
    items: impl ExactSizeIterator<Item = T>,
    style: Style,
    depth: usize,
    write: impl Fn(&mut String, T) -> Result<(), String>,
) -> Result<(), String> {
    let new_line = |out: &mut String, depth| {
        if let Style::Pretty = style {
            out.push('\n');
            out.extend(std::iter::repeat_n("  ", depth));
        }
    };
    out.push(open);
    let is_empty = items.len() == 0;
    for (index, item) in items.enumerate() {
        if index > 0 {
            out.push(',');
        }
        new_line(out, depth + 1);
        write(out, item)?;
    }
    if !is_empty {
        new_line(out, depth);
    }
    out.push(close);
    Ok(())
}

fn write_string(out: &mut String, text: &str) {
    out.push('"');
    for char in text.chars() {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\0'..='\u{1f}' | '\u{7f}' => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(char));
            }
            char => out.push(char),
        }
    }
    out.push('"');
}

/// Returns a number as jq writes it. Integers keep all their digits.
fn number(number: &Num) -> String {
    match number {
        Num::Int(_) | Num::BigInt(_) => number.to_string(),
        Num::Float(number) => float(*number),
        Num::Dec(digits) => digits.parse().map_or_else(|_| digits.to_string(), float),
    }
}

fn float(number: f64) -> String {
    if number.is_nan() {
        return "null".to_owned();
    }
    let sign = if number.is_sign_negative() { "-" } else { "" };
    if number.is_infinite() {
        return format!("{sign}{MAX_NUMBER}");
    }
    // The fewest digits that parse to the same number, such as `1.25e3`.
    let scientific = format!("{:e}", number.abs());
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let digits = i32::try_from(mantissa.replace('.', "").len()).unwrap_or(i32::MAX);
    if exponent <= -5 || exponent >= digits + 15 {
        format!("{sign}{mantissa}e{exponent:+03}")
    } else {
        number.to_string()
    }
}

#[cfg(test)]
mod tests {
    use jaq_json::read::parse_single;

    use super::*;

    fn parse(text: &str) -> Val {
        parse_single(text.as_bytes()).unwrap()
    }

    #[test]
    fn a_string_is_raw_and_everything_else_is_json() {
        assert_eq!(
            raw(&parse(r#""a\"b\nc""#), Style::Pretty).unwrap(),
            "a\"b\nc"
        );
        assert_eq!(
            raw(&parse(r#"["a\"b"]"#), Style::Compact).unwrap(),
            r#"["a\"b"]"#
        );
        assert_eq!(raw(&Val::Null, Style::Pretty).unwrap(), "null");
    }

    #[test]
    fn pretty_json_is_indented_by_two_spaces() {
        let value = parse(r#"{"b":[1,{"c":true}],"a":{},"d":[]}"#);
        let pretty = r#"{
  "b": [
    1,
    {
      "c": true
    }
  ],
  "a": {},
  "d": []
}"#;
        assert_eq!(json(&value, Style::Pretty).unwrap(), pretty);
        let compact = r#"{"b":[1,{"c":true}],"a":{},"d":[]}"#;
        assert_eq!(json(&value, Style::Compact).unwrap(), compact);
    }

    #[test]
    fn control_characters_in_json_are_escaped() {
        let value = Val::from("\u{1b}\u{7f}\u{8}é".to_owned());
        assert_eq!(
            json(&value, Style::Compact).unwrap(),
            r#""\u001b\u007f\bé""#
        );
    }

    #[test]
    fn numbers_are_written_as_jq_does() {
        let pairs = [
            (1e-5, "1e-05"),
            (0.00012345, "0.00012345"),
            (0.1, "0.1"),
            (3.0, "3"),
            (1e15, "1000000000000000"),
            (1e16, "1e+16"),
            (1.1e16, "11000000000000000"),
            (1.1e17, "1.1e+17"),
            (-1.5e300, "-1.5e+300"),
            (f64::NAN, "null"),
            (f64::NEG_INFINITY, "-1.7976931348623157e+308"),
        ];
        for (number, text) in pairs {
            assert_eq!(float(number), text);
        }
        assert_eq!(number(&Num::Int(9_007_199_254_740_993)), "9007199254740993");
    }

    #[test]
    fn a_key_that_is_not_a_string_is_an_error() {
        let value = parse(r#"{1: 2}"#);
        assert!(json(&value, Style::Compact).is_err());
    }

    #[test]
    fn deep_nesting_is_an_error() {
        let nest = |depth| parse(&("[".repeat(depth) + &"]".repeat(depth)));
        assert!(json(&nest(MAX_DEPTH), Style::Pretty).is_ok());
        let error = json(&nest(MAX_DEPTH + 2), Style::Pretty).unwrap_err();
        assert!(error.contains("256 levels"), "{error}");
    }
}
