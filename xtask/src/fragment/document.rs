//! Access to the operations, references and fields of an OpenAPI document.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail};
use heck::ToSnakeCase;
use serde_json::Value;

pub(crate) const SCHEMAS: &str = "#/components/schemas/";
/// The extension that lists the webhooks in OpenAPI 3.0.
pub(crate) const WEBHOOKS: &str = "x-webhooks";
pub(crate) const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// Returns the name of the generated method for an operation.
pub(crate) fn method_name(operation_id: &str) -> String {
    operation_id
        .replace(|c: char| !c.is_alphanumeric(), "-")
        .to_snake_case()
}

/// An operation of a document.
pub(crate) struct Operation<'a> {
    pub(crate) path: &'a str,
    pub(crate) method: &'a str,
    pub(crate) id: &'a str,
    pub(crate) fields: &'a Value,
    /// The path item, which can have parameters that all operations of the path share.
    pub(crate) item: &'a Value,
}

impl Operation<'_> {
    pub(crate) fn place(&self) -> String {
        format!("paths.{}.{}", self.path, self.method)
    }

    /// Returns the status of a successful response.
    ///
    /// # Errors
    ///
    /// Returns an error if the operation does not have exactly one such status, or if the status is
    /// not a number.
    pub(crate) fn success(&self) -> Result<u16> {
        let responses = fields(self.fields.get("responses"));
        let statuses: Vec<&str> = responses
            .into_iter()
            .map(|(status, _)| status)
            .filter(|status| status.starts_with('2'))
            .collect();
        let status = match statuses[..] {
            [status] => status,
            [] => bail!("there must be one success status (2xx), but there is none"),
            _ => bail!(
                "there must be one success status (2xx), not {}: {}",
                statuses.len(),
                statuses.join(", ")
            ),
        };
        status
            .parse()
            .with_context(|| format!("the success status must be a number, not `{status}`"))
    }
}

pub(crate) fn operations(document: &Value) -> impl Iterator<Item = Operation<'_>> {
    operations_of(document, document.get("paths"))
}

/// Returns the webhooks, which are requests that GitHub sends. Each `path` is a webhook's name.
pub(crate) fn webhooks(document: &Value) -> impl Iterator<Item = Operation<'_>> {
    // OpenAPI 3.1 has a keyword for webhooks. Descriptions in OpenAPI 3.0 use the extension.
    let webhooks = document.get(WEBHOOKS).or_else(|| document.get("webhooks"));
    operations_of(document, webhooks)
}

fn operations_of<'a>(
    document: &'a Value,
    items: Option<&'a Value>,
) -> impl Iterator<Item = Operation<'a>> {
    fields(items).into_iter().flat_map(move |(path, item)| {
        let item = resolve(document, item);
        fields(Some(item))
            .into_iter()
            .filter(|(method, _)| METHODS.contains(method))
            .map(move |(method, fields)| Operation {
                path,
                method,
                id: text(fields, "operationId").unwrap_or("without operationId"),
                fields,
                item,
            })
    })
}

pub(crate) fn operations_mut(document: &mut Value) -> impl Iterator<Item = &mut Value> {
    document
        .get_mut("paths")
        .and_then(Value::as_object_mut)
        .into_iter()
        .flat_map(|paths| paths.values_mut())
        .filter_map(Value::as_object_mut)
        .flat_map(|item| item.iter_mut())
        .filter(|(method, _)| METHODS.contains(&method.as_str()))
        .map(|(_, operation)| operation)
}

/// Returns the target of the reference `node`, or `node` itself if it is not a reference.
///
/// In a vetted document, each reference has a target.
pub(crate) fn resolve<'a>(document: &'a Value, node: &'a Value) -> &'a Value {
    let mut node = node;
    for _ in 0..MAX_REFERENCES {
        match text(node, "$ref").and_then(|target| lookup(document, target)) {
            Some(target) => node = target,
            None => break,
        }
    }
    node
}

/// A longer chain of references is considered a cycle.
pub(crate) const MAX_REFERENCES: usize = 16;

/// Returns the targets of all references that are reachable from `node`.
pub(crate) fn reached<'a>(document: &'a Value, node: &'a Value) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut pending = vec![node];
    while let Some(node) = pending.pop() {
        if let Some(target) = text(node, "$ref")
            && reached.insert(target)
        {
            pending.extend(lookup(document, target));
        }
        match node {
            Value::Object(fields) => pending.extend(fields.values()),
            Value::Array(elements) => pending.extend(elements),
            _ => {}
        }
    }
    reached
}

pub(crate) fn lookup<'a>(document: &'a Value, target: &str) -> Option<&'a Value> {
    document.pointer(target.strip_prefix('#')?)
}

pub(crate) fn text<'a>(node: &'a Value, name: &str) -> Option<&'a str> {
    node.get(name)?.as_str()
}

pub(crate) fn fields(node: Option<&Value>) -> Vec<(&str, &Value)> {
    let fields = node.and_then(Value::as_object).into_iter().flatten();
    fields.map(|(name, value)| (name.as_str(), value)).collect()
}

pub(crate) fn elements(node: Option<&Value>) -> &[Value] {
    node.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
