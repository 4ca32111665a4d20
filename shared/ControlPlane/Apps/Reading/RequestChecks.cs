using System.Text.RegularExpressions;
using AiOs.DataPlane.Yaml;
using AiOs.Policies.Cel;

namespace AiOs.ControlPlane.Apps.Reading;

/// <summary>Checks the CEL of a connector's requests against the arguments of the steps that call it, and notes what the operator must provide.</summary>
static class RequestChecks
{
    static readonly Regex Setting = SafePattern.Compile("\\$\\{[A-Z][A-Z0-9_]*\\}");
    static readonly Regex Secret = SafePattern.Compile("(^|[ ])secret:[A-Za-z0-9][A-Za-z0-9._-]*");
    static readonly CelFunction Reveal = new("reveal", [CelType.String], CelType.String, arguments => arguments[0]);

    /// <summary>Checks one use: the types of the arguments that are passed, and whether it takes an action back.</summary>
    public static void Check(ReadConnector connector, CelType arguments, bool undo)
    {
        var variables = new Dictionary<string, CelType>(StringComparer.Ordinal)
        {
            ["arguments"] = arguments,
            ["run"] = CelType.Object("the run", new Dictionary<string, CelType>(StringComparer.Ordinal) { ["id"] = CelType.String }),
            ["app"] = CelType.Object("the app", new Dictionary<string, CelType>(StringComparer.Ordinal) { ["name"] = CelType.String }),
        };
        if (undo)
            variables["result"] = CelType.Map(CelType.Dyn);
        Request(connector.Request, new CelEnvironment(variables, Reveal), connector.Problems);
        if (connector.Probe is not { } probe)
            return;
        Request(probe, new CelEnvironment(variables, Reveal), connector.Problems);
        variables = new Dictionary<string, CelType>(variables, StringComparer.Ordinal)
        {
            ["response"] = CelType.Object("the response", new Dictionary<string, CelType>(StringComparer.Ordinal) { ["status"] = CelType.Int, ["body"] = CelType.Dyn }),
        };
        if (connector.Done is { } done)
            Compile(done, new CelEnvironment(variables), CelType.Bool, connector.Problems);
        if (connector.Result is { } result)
            Compile(result, new CelEnvironment(variables), null, connector.Problems);
    }

    static void Request(RequestPlaces request, CelEnvironment environment, Problems problems)
    {
        try
        {
            CelTemplate.Compile(WithoutSettings(request.Url.Value), environment);
        }
        catch (CelException wrong)
        {
            problems.Add(request.Url, wrong);
        }
        foreach (var leaf in request.Body)
            if (!IsSecret(leaf.Value))
                Compile(leaf, environment, null, problems);
            else if (Secret.Match(leaf.Value).Length != leaf.Value.Length)
                problems.Add(leaf, "A secret in a body stands alone, with a name of letters, digits, dots and hyphens.", "secret:payments-key");
    }

    static bool IsSecret(string value) => value.StartsWith("secret:", StringComparison.Ordinal);

    static void Compile(YamlScalar source, CelEnvironment environment, CelType? expected, Problems problems)
    {
        try
        {
            CelProgram.Compile(source.Value, environment, expected);
        }
        catch (CelException wrong)
        {
            problems.Add(source, wrong);
        }
    }

    /// <summary>Settings are blanked out, so that the rest keeps its place.</summary>
    static string WithoutSettings(string url) => Setting.Replace(url, match => new string('x', match.Length));

    /// <summary>What the operator must provide for a connector, and a problem for a URL whose host is not fixed.</summary>
    public static IEnumerable<OperatorNeed> Needs(ReadConnector connector)
    {
        foreach (var request in connector.Probe is { } probe ? [connector.Request, probe] : new[] { connector.Request })
        {
            var url = request.Url;
            var computed = WithoutSettings(url.Value).IndexOf("${", StringComparison.Ordinal);
            var authority = computed < 0 ? url.Value : url.Value[..computed];
            if (IsFixed(authority, computed >= 0))
                yield return new OperatorNeed(OperatorNeedKind.Url, authority, connector.Problems.File, url.Line, url.Column);
            else
                connector.Problems.Add(url, "A url is absolute (http or https), and its host is fixed: only what follows the host may be computed.", "'${SANDBOX_URL}/payouts' or 'https://api.contoso.com/payouts'");
            foreach (var text in request.Headers)
                foreach (Match secret in Secret.Matches(text.Value))
                    yield return Named(secret.Value, text);
            foreach (var leaf in request.Body.Where(leaf => IsSecret(leaf.Value)))
                yield return Named(leaf.Value, leaf);
        }

        OperatorNeed Named(string found, YamlScalar at) =>
            new(OperatorNeedKind.Secret, found[(found.IndexOf(':', StringComparison.Ordinal) + 1)..], connector.Problems.File, at.Line, at.Column);
    }

    static bool IsFixed(string authority, bool computed)
    {
        var sample = Setting.Replace(authority, match => match.Index == 0 ? "https://setting.example" : "1");
        var path = sample.IndexOf("://", StringComparison.Ordinal) is > 0 and var at ? sample.IndexOfAny(['/', '?'], at + 3) : -1;
        return Uri.TryCreate(sample, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.UserInfo.Length == 0 && (!computed || path > 0);
    }
}
