//! The parsed OpenAPI fragment.

use serde_json::Value;

pub(crate) fn document() -> Value {
    let text = include_str!("../../openapi/bypass-requests.yaml");
    serde_norway::from_str(text).expect("the fragment is YAML")
}

/// An operation of the fragment.
pub(crate) struct Operation {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) fields: Value,
}

impl Operation {
    pub(crate) fn id(&self) -> &str {
        self.fields["operationId"].as_str().expect("operationId")
    }
}

pub(crate) fn operations() -> Vec<Operation> {
    let document = document();
    let paths = document["paths"].as_object().expect("paths");
    let operations = paths.iter().flat_map(|(path, item)| {
        item.as_object()
            .expect("path item")
            .iter()
            .map(move |(method, fields)| Operation {
                method: method.to_uppercase(),
                path: path.clone(),
                fields: fields.clone(),
            })
    });
    operations.collect()
}

/// Returns `node`, or the target of its `$ref`.
pub(crate) fn resolve(node: &Value) -> Value {
    match node["$ref"].as_str() {
        Some(target) => {
            let document = document();
            let found = document
                .pointer(target.trim_start_matches('#'))
                .expect(target);
            resolve(found)
        }
        None => node.clone(),
    }
}

/// Returns the example with this name from the fragment.
pub(crate) fn example(name: &str) -> Value {
    document()["components"]["examples"][name]["value"].clone()
}
