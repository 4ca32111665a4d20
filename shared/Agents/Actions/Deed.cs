using System.Text.Json;
using AiOs.Policies.Cel;

namespace AiOs.Agents.Actions;

/// <summary>An action or the undo of one (<paramref name="Undone"/>), with the connector that does it.</summary>
sealed record Deed(ActionRequest Request, Connector Connector, string Key, ActionRow? Undone)
{
    /// <summary>What the templates see.</summary>
    public IReadOnlyDictionary<string, object?> Variables { get; } = Variable(Request, Undone);

    static Dictionary<string, object?> Variable(ActionRequest request, ActionRow? undone)
    {
        var variables = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["arguments"] = CelValue.FromJson(request.Arguments, CelType.Dyn),
            ["run"] = new Dictionary<string, object?>(StringComparer.Ordinal) { ["id"] = request.RunId },
            ["app"] = new Dictionary<string, object?>(StringComparer.Ordinal) { ["name"] = request.App },
        };
        if (undone is not null)
            variables["result"] = undone.Result is { } result ? CelValue.FromJson(result, CelType.Dyn) : new Dictionary<string, object?>(StringComparer.Ordinal);
        return variables;
    }

    /// <summary>What the probe's answer says; null where its expression has no value.</summary>
    public (bool? Found, JsonElement? Answer, string? Reason) Judge(ConnectorProbe probe, Attempt answer)
    {
        var variables = new Dictionary<string, object?>(Variables, StringComparer.Ordinal)
        {
            ["response"] = new Dictionary<string, object?>(StringComparer.Ordinal) { ["status"] = (long)answer.Status, ["body"] = answer.Body is { } body ? CelValue.FromJson(body, CelType.Dyn) : null },
        };
        try
        {
            var environment = new CelEnvironment(variables.Keys.ToDictionary(name => name, _ => CelType.Dyn, StringComparer.Ordinal));
            if (CelProgram.Compile(probe.Done, environment).Evaluate(variables) is not bool happened)
                return (null, null, "The probe's `done` is no bool.");
            if (!happened)
                return (false, null, null);
            return (true, probe.Result is { } result ? CelValue.ToJson(CelProgram.Compile(result, environment).Evaluate(variables)) : answer.Body, null);
        }
        catch (Exception e) when (e is CelException or CelEvaluationException or FormatException)
        {
            return (null, null, "The probe's answer makes no sense: " + e.Message);
        }
    }
}
