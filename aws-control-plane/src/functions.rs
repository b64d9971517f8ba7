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

/// <https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConfiguration.html>
pub(crate) async fn code_sha256(aws: &Aws, version: &str) -> Answer<Option<String>> {
    let asked = "lambda GetFunctionConfiguration";
    let answer = aws.lambda.get_function_configuration().function_name(version).send().await;
    match answer.map_err(failure::sdk(asked)) {
        Ok(answer) => match answer.code_sha256() {
            Some(hash) => Ok(Some(hash.to_owned())),
            None => Err(failure::unreadable(asked, "an answer without a hash")),
        },
        Err(failure) if failure.code == "ResourceNotFoundException" => Ok(None),
        Err(failure) => Err(failure),
    }
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
