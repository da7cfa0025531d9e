//! Generates source text from the lowered fragment. The same input produces the same bytes.

use std::collections::BTreeSet;
use std::panic::{self, AssertUnwindSafe};

use anyhow::{Context, Result, anyhow, bail};
use heck::ToPascalCase;
use openapiv3::OpenAPI;
use proc_macro2::{Literal, TokenStream};
use progenitor::{GenerationSettings, Generator, HooksMode, InterfaceStyle};
use quote::{format_ident, quote};
use serde_json::{Map, Value};

use crate::fragment::document::{
    Operation, SCHEMAS, WEBHOOKS, fields, method_name, operations, reached, webhooks,
};
use crate::fragment::lower::drop_unreached_schemas;

/// A file in the generated directory.
pub(crate) struct File {
    pub(crate) name: &'static str,
    pub(crate) contents: String,
}

pub(crate) fn render(document: &Value) -> Result<Vec<File>> {
    Ok(vec![
        File {
            name: "client.rs",
            contents: source(client(&of_operations(document))?)?,
        },
        File {
            name: "operations.rs",
            contents: source(operation_table(document)?)?,
        },
        File {
            name: "webhooks.rs",
            contents: source(webhook_types(document)?)?,
        },
    ])
}

/// Returns the document without the webhooks, and without the schemas that only they use.
fn of_operations(document: &Value) -> Value {
    let mut document = document.clone();
    if let Some(fields) = document.as_object_mut() {
        fields.remove(WEBHOOKS);
    }
    drop_unreached_schemas(&mut document);
    document
}

/// Returns the document without the operations, and without the schemas that only they use.
fn of_webhooks(document: &Value) -> Value {
    let mut document = document.clone();
    document["paths"] = Value::Object(Map::new());
    drop_unreached_schemas(&mut document);
    document
}

/// Generates the types that only webhooks use, in a file of their own, so that they are compiled
/// only with the feature `webhooks`. An error names the webhook that causes it.
fn webhook_types(document: &Value) -> Result<TokenStream> {
    let only_webhooks = of_webhooks(document);
    let mut settings = settings();
    let shared = of_operations(document);
    for (name, _) in fields(shared.pointer("/components/schemas")) {
        let name = name.to_pascal_case();
        settings.with_replacement(&name, format!("crate::types::{name}"), [].into_iter());
    }
    let error = match generate(&only_webhooks, &settings) {
        Ok(tokens) => return types(tokens),
        Err(error) => error,
    };
    for webhook in webhooks(document) {
        if let Some((schema, error)) = culprit(&only_webhooks, webhook.fields) {
            let id = webhook.id;
            return Err(error.context(format!("webhook {id} at components.schemas.{schema}")));
        }
    }
    Err(error)
}

/// Returns the items of the module `types`.
fn types(tokens: TokenStream) -> Result<TokenStream> {
    let file: syn::File = syn::parse2(tokens).context("the generated code does not parse")?;
    let module = file.items.into_iter().find_map(|item| match item {
        syn::Item::Mod(module) if module.ident == "types" => Some(module),
        _ => None,
    });
    let (_, items) = module
        .and_then(|module| module.content)
        .context("the generated code has no module `types`")?;
    // The module `error` is for conversions of parameters.
    let items = items
        .into_iter()
        .filter(|item| !matches!(item, syn::Item::Mod(module) if module.ident == "error"));
    Ok(quote!(#(#items)*))
}

/// Generates the client. An error names the operation that causes it.
fn client(document: &Value) -> Result<TokenStream> {
    let error = match generate(document, &settings()) {
        Ok(tokens) => return Ok(tokens),
        Err(error) => error,
    };
    for operation in operations(document) {
        let Operation {
            path, method, id, ..
        } = operation;
        let Err(error) = generate(&only(document, path, method), &settings()) else {
            continue;
        };
        return Err(match culprit(document, operation.fields) {
            Some((schema, error)) => {
                error.context(format!("operation {id} at components.schemas.{schema}"))
            }
            None => error.context(format!("operation {id} at paths.{path}.{method}")),
        });
    }
    Err(error)
}

/// Returns the innermost schema of `operation` that the generator rejects, with the error.
fn culprit<'a>(document: &'a Value, operation: &'a Value) -> Option<(&'a str, anyhow::Error)> {
    let names = |node| -> BTreeSet<&'a str> {
        let targets = reached(document, node).into_iter();
        targets
            .filter_map(|target| target.strip_prefix(SCHEMAS))
            .collect()
    };
    let schemas = document.pointer("/components/schemas")?;
    let mut candidates: Vec<(&str, BTreeSet<&str>)> = names(operation)
        .into_iter()
        .filter_map(|name| Some((name, names(schemas.get(name)?))))
        .collect();
    candidates.sort_by_key(|(_, parts)| parts.len());
    candidates.into_iter().find_map(|(name, parts)| {
        let mut reduced = document.clone();
        *reduced.get_mut("paths")? = Value::Object(Map::new());
        let schemas = reduced
            .pointer_mut("/components/schemas")?
            .as_object_mut()?;
        schemas.retain(|other, _| other == name || parts.contains(other.as_str()));
        Some((name, generate(&reduced, &settings()).err()?))
    })
}

fn settings() -> GenerationSettings {
    let mut settings = GenerationSettings::default();
    settings
        .with_interface(InterfaceStyle::Positional)
        // By default, hooks that are missing or have the wrong type are skipped silently.
        .with_hooks(HooksMode::Expected)
        .with_inner_type(quote!(crate::Transport));
    settings
}

fn generate(document: &Value, settings: &GenerationSettings) -> Result<TokenStream> {
    let document: OpenAPI = serde_json::from_value(document.clone())
        .context("the lowered fragment is not an OpenAPI 3.0 document")?;
    without_panic(|| Generator::new(settings).generate_tokens(&document))?.map_err(|error| {
        anyhow!(
            "the generator rejects it: {}",
            first_line(&error.to_string())
        )
    })
}

/// Runs the generator, which panics on unsupported constructs. A panic is returned as an error.
fn without_panic<T>(generate: impl FnOnce() -> T) -> Result<T> {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let outcome = panic::catch_unwind(AssertUnwindSafe(generate));
    panic::set_hook(hook);
    outcome.map_err(|payload| {
        let message = payload
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| payload.downcast_ref::<&str>().copied())
            .unwrap_or("no message");
        anyhow!("the generator panics on it: {}", first_line(message))
    })
}

/// Returns the first line. The other lines dump the generator's state.
fn first_line(message: &str) -> &str {
    message.lines().next().unwrap_or_default()
}

/// Returns the document reduced to one operation.
fn only(document: &Value, path: &str, method: &str) -> Value {
    let mut document = document.clone();
    if let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) {
        paths.retain(|candidate, _| candidate == path);
        for item in paths.values_mut().filter_map(Value::as_object_mut) {
            item.retain(|field, _| field == method || field == "parameters");
        }
    }
    drop_unreached_schemas(&mut document);
    document
}

/// Generates the table of operations. It has the facts that error messages need and that the
/// generated client does not expose.
fn operation_table(document: &Value) -> Result<TokenStream> {
    let mut constants = Vec::new();
    let mut names = Vec::new();
    for operation in operations(document) {
        let Operation {
            path,
            method,
            id,
            fields,
            ..
        } = operation;
        let Some(required_access) = fields.get("x-required-access").and_then(Value::as_str) else {
            bail!("operation {id} at paths.{path}.{method}: `x-required-access` is missing");
        };
        let success = operation
            .success()
            .map(Literal::u16_unsuffixed)
            .with_context(|| format!("operation {id} at paths.{path}.{method}.responses"))?;
        let method = method.to_ascii_uppercase();
        let name = format_ident!("{}", method_name(id).to_ascii_uppercase());
        let doc = format!("`{method} {path}`");
        constants.push(quote! {
            #[doc = #doc]
            pub const #name: Self = Self {
                id: #id,
                method: #method,
                path: #path,
                success: #success,
                required_access: #required_access,
            };
        });
        names.push(name);
    }
    let count = names.len();
    Ok(quote! {
        /// An operation as the OpenAPI fragment describes it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Operation {
            /// The name of the operation in GitHub's OpenAPI description.
            pub id: &'static str,
            /// HTTP method in upper case.
            pub method: &'static str,
            /// Path template, relative to the base URL.
            pub path: &'static str,
            /// HTTP status of a successful response. Each operation has exactly one such status.
            pub success: u16,
            /// The access that a token needs, as text that completes the sentence "it needs …".
            pub required_access: &'static str,
        }

        impl Operation {
            #(#constants)*

            /// All operations, in the order of the fragment.
            pub const ALL: [Self; #count] = [#(Self::#names),*];
        }
    })
}

fn source(tokens: TokenStream) -> Result<String> {
    let file = syn::parse2(tokens).context("the generated code does not parse")?;
    Ok(format!("{HEADER}{}", prettyplease::unparse(&file)))
}

const HEADER: &str = "\
// @generated from openapi/bypass-requests.yaml by `cargo xtask generate`; edits are lost.

";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::fragment::{lower, vet};

    fn document() -> Value {
        vet::parse(include_str!("../../../openapi/bypass-requests.yaml"))
            .expect("the fragment is valid")
    }

    #[test]
    fn the_same_fragment_produces_the_same_bytes() {
        let render = || {
            let files = render(&lower::lower(document())).expect("rendered");
            files
                .into_iter()
                .map(|file| (file.name, file.contents))
                .collect::<Vec<_>>()
        };
        assert_eq!(render(), render());
    }

    #[test]
    fn every_file_names_the_command_that_generates_it() {
        for file in render(&lower::lower(document())).expect("rendered") {
            let first = file.contents.lines().next().expect("a line");
            assert!(
                first.contains("@generated") && first.contains("cargo xtask generate"),
                "{first}"
            );
        }
    }

    #[test]
    fn a_schema_that_the_generator_rejects_is_named() {
        for (property, message) in [
            (json!({"type": "strin"}), "the generator panics on it"),
            (
                json!({"type": "integer", "default": "a"}),
                "the generator rejects it",
            ),
        ] {
            let mut lowered = lower::lower(document());
            lowered["components"]["schemas"]["bypass-actor"]["properties"]["x"] = property;
            let error = format!("{:#}", render(&lowered).err().expect("an error"));
            assert!(
                error.contains("operation secret-scanning/list-enterprise-bypass-requests"),
                "{error}"
            );
            assert!(
                error.contains("at components.schemas.bypass-actor: "),
                "{error}"
            );
            assert!(error.contains(message), "{error}");
            assert_eq!(error.lines().count(), 1, "{error}");
        }
    }

    #[test]
    fn a_schema_that_only_webhooks_use_is_named_with_the_webhook_if_the_generator_rejects_it() {
        for (schema, webhook) in [
            ("webhook-user", "exemption-request-secret-scanning/created"),
            // An alternative of a `oneOf`, which is lowered to any JSON value.
            (
                "dependabot-dismissal-data",
                "exemption-request-secret-scanning/created",
            ),
            ("of-one-webhook", "dismissal-request-dependabot/cancelled"),
        ] {
            for (property, message) in [
                (json!({"type": "strin"}), "the generator panics on it: "),
                (
                    json!({"type": "integer", "default": "a"}),
                    "the generator rejects it: ",
                ),
            ] {
                let mut lowered = lower::lower(document());
                let body = &mut lowered["x-webhooks"]["dismissal-request-dependabot-cancelled"]["post"]
                    ["requestBody"];
                *body = json!({"content": {"application/json": {"schema": {
                    "$ref": "#/components/schemas/of-one-webhook"}}}});
                let schemas = &mut lowered["components"]["schemas"];
                schemas["of-one-webhook"] = json!({"type": "object", "properties": {}});
                schemas[schema]["properties"]["x"] = property;
                let error = format!("{:#}", render(&lowered).err().expect("an error"));
                let expected =
                    format!("webhook {webhook} at components.schemas.{schema}: {message}");
                assert!(error.starts_with(&expected), "{error}");
                assert_eq!(error.lines().count(), 1, "{error}");
            }
        }
    }

    #[test]
    fn types_that_operations_and_webhooks_use_are_generated_once() {
        let files = render(&lower::lower(document())).expect("rendered");
        let contents = |name| {
            let file = files.iter().find(|file| file.name == name);
            &file.expect(name).contents
        };
        for (defined, client, webhooks) in [
            ("pub struct SecretFinding ", true, false),
            ("pub struct RuleViolation ", true, false),
            ("pub struct ExemptionRequest ", false, true),
            ("pub struct DependabotDismissalData ", false, true),
        ] {
            assert_eq!(contents("client.rs").contains(defined), client, "{defined}");
            assert_eq!(
                contents("webhooks.rs").contains(defined),
                webhooks,
                "{defined}"
            );
        }
    }

    #[test]
    fn the_error_for_two_success_statuses_names_the_operation() {
        let mut lowered = lower::lower(document());
        let path = "/orgs/{org}/bypass-requests/push-rules";
        lowered["paths"][path]["get"]["responses"]["202"] = json!({"description": "queued"});
        let error = operation_table(&lowered).expect_err("two statuses");
        assert_eq!(
            format!("{error:#}"),
            "operation orgs/list-push-bypass-requests at paths./orgs/{org}/bypass-requests/push-rules\
             .get.responses: there must be one success status (2xx), not 2: 200, 202"
        );
    }

    /// `vet` does not know every construct that makes the generator panic.
    #[test]
    fn a_panic_of_the_generator_becomes_an_error_that_names_the_operation() {
        let mut lowered = lower::lower(document());
        let path = "/orgs/{org}/bypass-requests/push-rules";
        lowered["paths"][path]["get"]["parameters"][0] = json!(
            {"name": "org", "in": "path", "required": false, "schema": {"type": "string"}});
        let error = render(&lowered).err().expect("an error");
        let error = format!("{error:#}");
        assert!(
            error.contains("operation orgs/list-push-bypass-requests at paths./orgs/{org}"),
            "{error}"
        );
        assert!(
            error.contains("the generator panics on it: assertion failed"),
            "{error}"
        );
    }
}
