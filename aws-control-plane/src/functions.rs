//! Lambda.

use deployment::control_plane::{Answer, Function};

use crate::aws::Aws;
use crate::failure;

pub(crate) async fn all(aws: &Aws) -> Answer<Vec<Function>> {
    let mut pages = aws.lambda.list_functions().into_paginator().send();
    let mut functions = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(failure::sdk("lambda ListFunctions"))?;
        functions.extend(page.functions().iter().map(|function| Function {
            name: function.function_name().unwrap_or_default().to_owned(),
            description: function.description().unwrap_or_default().to_owned(),
        }));
    }
    Ok(functions)
}

pub(crate) async fn delete(aws: &Aws, name: &str) -> Answer<()> {
    let request = aws.lambda.delete_function().function_name(name);
    request.send().await.map(drop).map_err(failure::sdk("lambda DeleteFunction"))
}

pub(crate) async fn unreserved_concurrency(aws: &Aws) -> Answer<u64> {
    let asked = "lambda GetAccountSettings";
    let answer = aws.lambda.get_account_settings().send().await.map_err(failure::sdk(asked))?;
    let limit = answer.account_limit().and_then(|limit| limit.unreserved_concurrent_executions());
    let limit = limit.and_then(|limit| u64::try_from(limit).ok());
    limit.ok_or_else(|| failure::unreadable(asked, "an answer without a limit"))
}
