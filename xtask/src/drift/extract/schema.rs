//! Extracts the facts of schemas. If several schemas apply to the same value, their facts are
//! merged.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::drift::extract::collector::{Collector, is_default, is_prose, quoted, verbatim};
use crate::drift::facts::{TYPE, VALUES, canonical, sorted};
use crate::fragment::document::{elements, lookup, resolve, text};

/// The facts of one value, collected from all schemas that apply to it.
#[derive(Default)]
struct Parts<'a> {
    /// The values of each aspect. An aspect has different values only if schemas contradict each
    /// other.
    aspects: BTreeMap<&'a str, Vec<Value>>,
    properties: BTreeMap<&'a str, Vec<Schema<'a>>>,
    required: BTreeSet<&'a str>,
    items: Vec<Schema<'a>>,
    additional: Vec<Schema<'a>>,
    alternatives: BTreeMap<&'a str, Vec<Schema<'a>>>,
}

/// A schema and the references that led to it.
struct Schema<'a> {
    schema: &'a Value,
    trail: Trail<'a>,
}

/// The references that were followed to reach a schema, each with the place of the reference.
type Trail<'a> = Vec<(&'a str, String)>;

impl<'a> Collector<'a> {
    /// Records the facts of the value at `place`, to which `schema` applies.
    pub(super) fn schema(&mut self, place: &str, schema: &'a Value) {
        self.schemas(place, vec![Schema::new(schema, &Trail::new())]);
    }

    /// Records the facts of the value at `place`, to which all `schemas` apply.
    fn schemas(&mut self, place: &str, schemas: Vec<Schema<'a>>) {
        let mut parts = Parts::default();
        let mut nullable = Vec::new();
        for Schema { schema, mut trail } in schemas {
            nullable.extend(self.gather(place, schema, &mut trail, &mut parts));
        }
        self.enter(place);
        if !nullable.is_empty() || parts.alternatives.is_empty() {
            let nullable = !nullable.is_empty() && nullable.iter().all(|nullable| *nullable);
            self.set(place, "nullable", nullable.into());
        }
        for (aspect, mut values) in parts.aspects {
            values.sort_by_cached_key(Value::to_string);
            values.dedup();
            let value = match values.len() {
                1 => values.remove(0),
                _ => json!({ "allOf": values }),
            };
            self.set(place, aspect, value);
        }

        for name in &parts.required {
            parts.properties.entry(name).or_default();
        }
        for (name, schemas) in parts.properties {
            let place = format!("{place}.{}", quoted(name));
            self.set(&place, "required", parts.required.contains(name).into());
            self.schemas(&place, schemas);
        }
        if !parts.items.is_empty() {
            self.schemas(&format!("{place}[]"), parts.items);
        }
        if !parts.additional.is_empty() {
            self.schemas(&format!("{place}.*"), parts.additional);
        }
        for (keyword, schemas) in parts.alternatives {
            for (number, schema) in (1..).zip(schemas) {
                self.schemas(&format!("{place} ({keyword} {number})"), vec![schema]);
            }
        }
    }

    /// Adds the facts of `schema` to `parts`. Returns whether the schema allows null, or `None` if
    /// the schema does not say.
    fn gather(
        &self,
        place: &str,
        schema: &'a Value,
        trail: &mut Trail<'a>,
        parts: &mut Parts<'a>,
    ) -> Option<bool> {
        let Value::Object(keywords) = schema else {
            // The schema `true` has no restrictions.
            if schema != &Value::Bool(true) {
                parts.add("schema", canonical(schema.clone()));
            }
            return None;
        };
        let mut inherited = Vec::new();
        for (keyword, value) in keywords {
            match (keyword.as_str(), value) {
                ("$ref", Value::String(target)) => {
                    let above = trail.iter().find(|(entered, _)| entered == target);
                    if let Some((_, above)) = above {
                        parts.add("recursive", above.as_str().into());
                    } else if let Some(referred) = lookup(self.document, target) {
                        trail.push((target, place.to_owned()));
                        inherited.extend(self.gather(place, referred, trail, parts));
                        trail.pop();
                    } else {
                        parts.add("unresolved", value.clone());
                    }
                }
                ("allOf", Value::Array(members)) => {
                    for member in members {
                        inherited.extend(self.gather(place, member, trail, parts));
                    }
                }
                ("oneOf" | "anyOf", Value::Array(variants)) => {
                    let mut variants: Vec<_> = variants.iter().collect();
                    variants.retain(|variant| !self.is_null(variant));
                    if let [only] = variants[..] {
                        inherited.extend(self.gather(place, only, trail, parts));
                    } else {
                        let variants = variants.into_iter();
                        let alternatives = parts.alternatives.entry(keyword).or_default();
                        alternatives.extend(variants.map(|variant| Schema::new(variant, trail)));
                    }
                }
                ("properties", Value::Object(properties)) => {
                    for (name, property) in properties {
                        let schemas = parts.properties.entry(name).or_default();
                        schemas.push(Schema::new(property, trail));
                    }
                }
                ("required", Value::Array(names)) => {
                    let names = names.iter().filter_map(Value::as_str);
                    parts.required.extend(names);
                }
                ("items", Value::Object(_)) => parts.items.push(Schema::new(value, trail)),
                ("additionalProperties", Value::Object(_)) => {
                    parts.additional.push(Schema::new(value, trail));
                }
                (keyword, value) => self.gather_aspect(keyword, value, parts),
            }
        }
        let inherited = (!inherited.is_empty()).then(|| inherited.iter().all(|nullable| *nullable));
        self.nullable(schema).or(inherited)
    }

    /// Adds a keyword that describes the value itself, not its parts.
    fn gather_aspect(&self, keyword: &'a str, value: &'a Value, parts: &mut Parts<'a>) {
        match (keyword, value) {
            // The method `nullable` reads these.
            ("nullable", Value::Bool(_)) => {}
            ("type", Value::String(name)) if name == "null" => {}
            ("type", Value::Array(types)) => {
                let types: Vec<_> = types.iter().filter(|name| *name != "null").collect();
                match types[..] {
                    [] => {}
                    [only] => parts.add(TYPE, only.clone()),
                    _ => parts.add(TYPE, sorted(types.into_iter().cloned())),
                }
            }
            ("enum" | "x-extensible-enum", Value::Array(values)) => {
                let values = values.iter().filter(|value| !value.is_null()).cloned();
                parts.add(VALUES, sorted(values));
                parts.add("open", (keyword != "enum").into());
            }
            ("const", _) => {
                parts.add(VALUES, sorted([value.clone()]));
                parts.add("open", false.into());
            }
            // In OpenAPI 3.1, this keyword contains the bound. In 3.0, it is true or false, and
            // `minimum` or `maximum` contains the bound.
            ("exclusiveMinimum", Value::Number(_)) => {
                parts.add("minimum", canonical(value.clone()));
                parts.add(keyword, true.into());
            }
            ("exclusiveMaximum", Value::Number(_)) => {
                parts.add("maximum", canonical(value.clone()));
                parts.add(keyword, true.into());
            }
            // A default is data, so no part of it is prose.
            ("default", _) => parts.add(keyword, canonical(value.clone())),
            _ if is_prose(keyword) || is_default(keyword, value) => {}
            _ => {
                let value = verbatim(self.document, value, &mut Vec::new());
                parts.add(keyword, value);
            }
        }
    }

    /// Returns whether `schema` itself allows null, or `None` if it does not say.
    fn nullable(&self, schema: &'a Value) -> Option<bool> {
        if let Some(nullable) = schema.get("nullable").and_then(Value::as_bool) {
            return Some(nullable);
        }
        let mut alternatives = ["oneOf", "anyOf"]
            .into_iter()
            .flat_map(|keyword| elements(schema.get(keyword)));
        let allowed = text(schema, "type") == Some("null")
            || elements(schema.get("type"))
                .iter()
                .any(|name| name == "null")
            || elements(schema.get("enum")).contains(&Value::Null)
            || alternatives.any(|variant| self.is_null(variant));
        if allowed {
            return Some(true);
        }
        schema.get("type").map(|_| false)
    }

    /// Returns true if null is the only value that `variant` allows.
    fn is_null(&self, variant: &'a Value) -> bool {
        let variant = resolve(self.document, variant);
        text(variant, "type") == Some("null")
            || matches!(elements(variant.get("type")), [only] if only == "null")
            || matches!(elements(variant.get("enum")), [Value::Null])
            || variant.get("const") == Some(&Value::Null)
    }
}

impl<'a> Schema<'a> {
    fn new(schema: &'a Value, trail: &Trail<'a>) -> Self {
        Self {
            schema,
            trail: trail.clone(),
        }
    }
}

impl<'a> Parts<'a> {
    fn add(&mut self, aspect: &'a str, value: Value) {
        self.aspects.entry(aspect).or_default().push(value);
    }
}
