using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace AiOs.Tests.Gateway;

/// <summary>An app that has each claim scored before its policy decides: x = [amount in hundreds, claims last year] becomes y = [x0 + 3 x1, 2 x0 + 4 x1].</summary>
public sealed class ScoreStepTests
{
    const string App = "fraud-desk";

    static readonly Dictionary<string, string> Files = new(StringComparer.Ordinal)
    {
        ["app.yaml"] = """
            name: fraud-desk
            version: 1.0.0
            summary: Has every claim scored before it is decided.
            owner: tests
            mask: [email]
            steps:
              - id: fraud
                score: {model: fraud, with: {x: '[double(input.attributes.amount) / 100.0, double(input.attributes.claimsLastYear)]'}}
              - id: decision
                decide:
                  policy: policy.yaml
                  with: {scored: steps.fraud.outcome, risk: 'steps.fraud.outcome == "scored" ? double(steps.fraud.outputs.y[0]) : 0.0'}
              - id: adjuster
                when: steps.decision.outcome == "approve"
                approve: {role: adjuster, within: 4h, onTimeout: reject}
              - id: reply
                answer: {say: [{when: steps.decision.outcome == "allow", text: 'Paid.'}, {when: steps.decision.outcome == "deny", text: 'Not paid.'}]}

            """,
        ["policy.yaml"] = """
            policy: fraud-desk
            input: {scored: string, risk: double}
            rules:
              - {id: unscored, when: scored != "scored", then: approve, by: adjuster, reason: The fraud model did not answer.}
              - {id: risky, when: risk > 20.0, then: deny, reason: The fraud model warns.}
              - {id: usual, when: risk <= 20.0, then: allow, reason: Nothing unusual.}

            """,
    };

    static string Models(string deployment) => $"models:\n  fraud:\n    kind: tensors\n    deployments: [{deployment}]\n";

    const string Amounts = "[double(input.attributes.amount) / 100.0, double(input.attributes.claimsLastYear)]";

    static async Task<GatewayOs> StartAsync(string deployment, string amounts = Amounts)
    {
        var os = await GatewayOs.StartAsync(Models(deployment));
        var deployed = await os.Os.DeployAsync(App, UndoTests.Zip(new Dictionary<string, string>(Files, StringComparer.Ordinal) { ["app.yaml"] = Files["app.yaml"].Replace(Amounts, amounts, StringComparison.Ordinal) }));
        Assert.True(deployed.Status() == "completed", deployed.GetRawText());
        return os;
    }

    [Theory]
    [InlineData(500, 2, "allow", "usual", "[11,18]")]
    [InlineData(1500, 4, "deny", "risky", "[27,46]")]
    public async Task A_policy_decides_by_what_the_model_says_and_the_score_and_its_cost_are_on_record(int amount, int claimsLastYear, string decision, string rule, string scores)
    {
        await using var server = await OwnServer.ServingAsync("fraud", SmallModel.Product());
        await using var os = await StartAsync($"{{name: here, backend: inference, url: {server.Url}, model: fraud, version: '1', prices: {{call: 0.01}}}}");
        var outcome = await os.Os.SendAsync(App, "My roof leaks.", new { amount, claimsLastYear });
        Assert.Equal((decision, rule), (outcome.GetProperty("decision").GetProperty("outcome").GetString(), outcome.GetProperty("decision").GetProperty("rule").GetString()));
        Assert.Equal((0.01m, 1), (outcome.GetProperty("cost").GetProperty("amount").GetDecimal(), outcome.GetProperty("cost").GetProperty("calls").GetInt32()));
        var score = await StepAsync(os, outcome.RunId(), "score");
        Assert.Equal(("scored", scores, "1"), (score.GetProperty("outcome").GetString(), score.GetProperty("facts").GetProperty("outputs").GetProperty("y").GetRawText(), score.GetProperty("facts").GetProperty("version").GetString()));
        var capture = (await os.Http.GetFromJsonAsync<JsonElement>($"api/captures?run={outcome.RunId()}")).GetProperty("captures")[0];
        Assert.Equal(("fraud", App, "tensors"), (capture.GetProperty("step").GetString(), capture.GetProperty("app").GetString(), capture.GetProperty("kind").GetString()));
    }

    [Fact]
    public async Task A_model_that_is_down_sends_the_case_to_a_person_and_fails_no_run()
    {
        await using var down = await Upstream.FailingAsync(503);
        await using var os = await StartAsync($"{{name: there, backend: azureml, url: {down.Url}, model: fraud, retries: 0}}");
        var outcome = await os.Os.SendAsync(App, "My roof leaks.", new { amount = 500, claimsLastYear = 2 });
        Assert.Equal(("waiting", "unscored"), (outcome.Status(), outcome.GetProperty("decision").GetProperty("rule").GetString()));
        var score = await StepAsync(os, outcome.RunId(), "score");
        Assert.Equal(("unavailable", "unavailable"), (score.GetProperty("outcome").GetString(), score.GetProperty("facts").GetProperty("reason").GetString()));
    }

    [Fact]
    public async Task A_case_without_what_the_model_needs_is_not_scored_and_the_model_not_asked()
    {
        await using var endpoint = await Upstream.FailingAsync(500);
        await using var os = await StartAsync($"{{name: there, backend: azureml, url: {endpoint.Url}, model: fraud}}");
        var outcome = await os.Os.SendAsync(App, "My roof leaks.", new { amount = 500 });
        Assert.Equal("unscored", outcome.GetProperty("decision").GetProperty("rule").GetString());
        Assert.Equal("noInput", (await StepAsync(os, outcome.RunId(), "score")).GetProperty("facts").GetProperty("reason").GetString());
        Assert.Empty(endpoint.Asked);
    }

    [Theory]
    [InlineData("1677721600, 2", "FP32", "[16777216,2]")]
    [InlineData("1677721700, 2", "FP64", "[16777217,2]")]
    [InlineData("176417914125, 2", "FP64", "[1764179141.25,2]")]
    [InlineData("50, 16777217", "FP64", "[0.5,16777217]")]
    [InlineData("10, 2", "FP32", "[0.1,2]")]
    public async Task A_model_gets_the_number_that_was_meant_or_is_not_asked_for_a_smaller_type(string values, string type, string data)
    {
        await using var endpoint = await Upstream.StartAsync((context, _) => context.Response.WriteAsync("""{"outputs": [{"name": "y", "datatype": "FP32", "shape": [1, 2], "data": [1, 2]}]}"""));
        await using var os = await StartAsync($"{{name: there, backend: inference, url: {endpoint.Url}, model: fraud}}");
        var numbers = values.Split(", ").Select(value => long.Parse(value, System.Globalization.CultureInfo.InvariantCulture)).ToArray();
        await os.Os.SendAsync(App, "My roof leaks.", new { amount = numbers[0], claimsLastYear = numbers[1] });
        var input = endpoint.Asked.Single().GetProperty("inputs")[0];
        Assert.Equal((type, data), (input.GetProperty("datatype").GetString(), input.GetProperty("data").GetRawText()));
    }

    [Fact]
    public async Task A_whole_number_that_no_floating_point_number_holds_reaches_the_model_as_it_is()
    {
        await using var endpoint = await Upstream.StartAsync((context, _) => context.Response.WriteAsync("""{"outputs": [{"name": "y", "datatype": "FP32", "shape": [1, 2], "data": [1, 2]}]}"""));
        await using var os = await StartAsync($"{{name: there, backend: inference, url: {endpoint.Url}, model: fraud}}", "[9007199254740993, int(input.attributes.claimsLastYear)]");
        await os.Os.SendAsync(App, "My roof leaks.", new { amount = 500, claimsLastYear = 2 });
        var input = endpoint.Asked.Single().GetProperty("inputs")[0];
        Assert.Equal(("INT64", "[9007199254740993,2]"), (input.GetProperty("datatype").GetString(), input.GetProperty("data").GetRawText()));
    }

    [Theory, MemberData(nameof(TensorBoundsTests.Senseless), MemberType = typeof(TensorBoundsTests))]
    [InlineData("""{"outputs": [{"name": "ada@analytical.example", "datatype": "FP32", "shape": [1], "data": [1]}]}""")]
    public async Task An_answer_that_makes_no_sense_sends_the_case_to_a_person_after_one_question(string said)
    {
        await using var endpoint = await Upstream.StartAsync((context, _) => context.Response.Body.WriteAsync(System.Text.Encoding.UTF8.GetBytes(said)).AsTask());
        await using var os = await StartAsync($"{{name: there, backend: inference, url: {endpoint.Url}, model: fraud}}");
        var outcome = await os.Os.SendAsync(App, "My roof leaks.", new { amount = 500, claimsLastYear = 2 });
        Assert.Equal(("waiting", "unscored"), (outcome.Status(), outcome.GetProperty("decision").GetProperty("rule").GetString()));
        var score = await StepAsync(os, outcome.RunId(), "score");
        Assert.Equal(("unavailable", "broken", 1), (score.GetProperty("outcome").GetString(), score.GetProperty("facts").GetProperty("reason").GetString(), endpoint.Asked.Count));
    }

    [Theory]
    [InlineData("y", "0.5278136281088324")]
    [InlineData("phoneRisk", "0.12345678")]
    [InlineData("phoneRisk", "1234567")]
    public async Task A_score_is_a_number_whatever_its_digits_and_its_name(string name, string value)
    {
        await using var endpoint = await Upstream.StartAsync((context, _) => context.Response.WriteAsync($$"""{"outputs": [{"name": "{{name}}", "datatype": "FP64", "shape": [1], "data": [{{value}}]}]}"""));
        await using var os = await StartAsync($"{{name: there, backend: inference, url: {endpoint.Url}, model: fraud}}", "[0.5278136281088324, double(input.attributes.claimsLastYear)]");
        var outcome = await os.Os.SendAsync(App, "My roof leaks.", new { amount = 500, claimsLastYear = 2 });
        Assert.Equal(value, (await StepAsync(os, outcome.RunId(), "score")).GetProperty("facts").GetProperty("outputs").GetProperty(name).GetRawText());
        Assert.Equal("[0.5278136,2]", endpoint.Asked.Single().GetProperty("inputs")[0].GetProperty("data").GetRawText());
    }

    [Fact]
    public async Task An_input_has_the_number_that_was_meant_whatever_it_is_called()
    {
        await using var endpoint = await Upstream.StartAsync((context, _) => context.Response.WriteAsync("""{"outputs": [{"name": "y", "datatype": "FP32", "shape": [1, 2], "data": [1, 2]}]}"""));
        await using var os = await StartAsync($"{{name: there, backend: inference, url: {endpoint.Url}, model: fraud}}", "[1.5, double(input.attributes.claimsLastYear)]', calls: '1234567");
        var outcome = await os.Os.SendAsync(App, "My roof leaks.", new { amount = 500, claimsLastYear = 2 });
        Assert.Equal("scored", (await StepAsync(os, outcome.RunId(), "score")).GetProperty("outcome").GetString());
        Assert.Equal(["[1.5,2]", "[1234567]"], endpoint.Asked.Single().GetProperty("inputs").EnumerateArray().Select(input => input.GetProperty("data").GetRawText()));
    }

    [Theory]
    [InlineData("model: fraud, with", "model: fraudd, with", "This installation has no model `fraudd`")]
    [InlineData("model: fraud, with", "model: words, with", "The model `words` does not score")]
    [InlineData("with: {x: '[double(input.attributes.amount) / 100.0, double(input.attributes.claimsLastYear)]'}", "with: {x: input}", "`x` is the input; a model takes numbers, truths and texts")]
    [InlineData(", with: {x: '[double(input.attributes.amount) / 100.0, double(input.attributes.claimsLastYear)]'}", "", "gives its model nothing to score")]
    [InlineData("steps.fraud.outcome ==", "steps.fraud.outcom ==", "outcom")]
    public async Task An_app_that_cannot_be_scored_is_not_deployed_and_told_where(string old, string with, string says)
    {
        await using var os = await GatewayOs.StartAsync(Models("{name: there, backend: inference, url: 'http://127.0.0.1:1', model: fraud}") + "  words: {kind: embeddings, deployments: [{name: here, backend: encoder}]}\n");
        var files = new Dictionary<string, string>(Files, StringComparer.Ordinal) { ["app.yaml"] = Files["app.yaml"].Replace(old, with, StringComparison.Ordinal) };
        using var refused = await os.Os.PutAsync(App, UndoTests.Zip(files));
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, refused.StatusCode);
        var problem = Assert.Single((await refused.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").EnumerateArray());
        Assert.Contains(says, problem.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.StartsWith("app.yaml:", problem.GetProperty("field").GetString(), StringComparison.Ordinal);
    }

    static async Task<JsonElement> StepAsync(GatewayOs os, string run, string kind) =>
        (await os.Http.GetFromJsonAsync<JsonElement>($"api/runs/{run}")).GetProperty("steps").EnumerateArray().Single(step => step.GetProperty("kind").GetString() == kind);
}
