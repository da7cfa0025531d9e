//! Converts the two kinds of bypass requests from the generated structs.
//!
//! After the OpenAPI fragment gets a new field, the crate does not compile until the field is
//! converted here.

/// Implements [`BypassKind`](crate::BypassKind) for a type.
///
/// Takes the name of the kind, the pattern of the generated struct, and the names of its fields.
/// The pattern is a single macro fragment, so that the compiler names a missing field. Add a new
/// field to the pattern, to the list of names, and to the struct expression below.
macro_rules! kind {
    (
        $kind:ident = $variant:ident, $wire:ident, $pattern:pat =>
        $id:ident $number:ident $repository:ident $organization:ident $requester:ident
        $request_type:ident $data:ident $resource_identifier:ident $status:ident
        $requester_comment:ident $expires_at:ident $created_at:ident $responses:ident
        $url:ident $html_url:ident
    ) => {
        impl $crate::model::request::BypassKind for $kind {}

        impl $crate::model::request::Wired for $kind {
            type Wire = $wire;
            const KIND: $crate::model::request::KindOfRequest =
                $crate::model::request::KindOfRequest::$variant;

            fn carry_over(request: $wire) -> $crate::model::request::BypassRequest<Self> {
                let $pattern = request;
                $crate::model::request::BypassRequest {
                    id: $crate::model::ids::RequestId::from_server($id),
                    number: $crate::model::ids::RequestNumber::from_server($number),
                    repository: $repository.map(Into::into).unwrap_or_default(),
                    organization: $organization.map(Into::into).unwrap_or_default(),
                    requester: $requester.map(Into::into).unwrap_or_default(),
                    request_type: $request_type.into(),
                    data: $crate::model::carry_over::present($data),
                    resource_identifier: $resource_identifier,
                    status: $status.into(),
                    requester_comment: $requester_comment,
                    expires_at: $expires_at,
                    created_at: $created_at,
                    responses: $crate::model::carry_over::present($responses),
                    url: $url,
                    html_url: $html_url,
                }
            }
        }
    };
}
pub(crate) use kind;
