using AiOs.Serving.Chat;
using AiOs.Serving.Costs;
using AiOs.Serving.Gateway;
using AiOs.Serving.Wire;
using Microsoft.AspNetCore.Http;

namespace AiOs.Functions.Http;

/// <summary>What the gateway could not do, as a problem; the same cases have OpenAI's form under <c>/v1</c>.</summary>
static class ModelProblem
{
    const string Title = "The model did not answer.";

    /// <summary>Null for what nobody expected.</summary>
    public static Problem? Of(Exception e, DateTimeOffset now) => e switch
    {
        WireException wrong => Problem.BadField(wrong.Param, wrong.Message[(wrong.Param.Length + 2)..]),
        UnknownModelException unknown => Problem.NotFound(unknown.Message),
        BudgetExceededException budget => new(StatusCodes.Status429TooManyRequests, "The budget is used up.", budget.Message) { RetryAfter = budget.ResetsAt - now },
        ModelUnavailableException { IsRequests: true } refused => Problem.BadField(refused.Param ?? "$", refused.Cause is { Status: 400 or 422, Param: "inputs" or "outputs" } own ? own.Detail : refused.Message),
        ModelUnavailableException failed => new(StatusOf(failed.Failure), Title, failed.Message) { RetryAfter = failed.RetryAfter ?? (StatusOf(failed.Failure) == StatusCodes.Status503ServiceUnavailable ? TimeSpan.FromSeconds(1) : null) },
        _ => null,
    };

    static int StatusOf(ModelFailure? failure) => failure switch
    {
        ModelFailure.Throttled => StatusCodes.Status429TooManyRequests,
        ModelFailure.TimedOut => StatusCodes.Status504GatewayTimeout,
        ModelFailure.Broken or ModelFailure.Rejected or ModelFailure.Malformed or ModelFailure.CutOff => StatusCodes.Status502BadGateway,
        _ => StatusCodes.Status503ServiceUnavailable,
    };
}
