using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace AiOs.Tests.Gateway;

/// <summary>Scores through the gateway: from this project's inference server, from Azure ML endpoints that are written here from their specification.</summary>
public sealed class TensorTests
{
    const string Nowhere = "{name: here, backend: inference, url: 'http://127.0.0.1:1', model: fraud}";
    const string Rows = """{"inputs": [{"name": "x", "datatype": "FP32", "shape": [1, 2], "data": [1, 2]}]}""";

    static string Models(params string[] deployments) => $"models:\n  fraud:\n    kind: tensors\n    deployments:\n{string.Concat(deployments.Select(deployment => $"      - {deployment}\n"))}";

    static Task<GatewayOs> StartAsync(params string[] deployments) => GatewayOs.StartAsync(Models(deployments));

    [Theory]
    [InlineData("[1, 2]", "[[1, 2]]", "[7,10]")]
    [InlineData("[2, 2]", "[1, 0, 0, 1]", "[1,2,3,4]")]
    public async Task A_score_is_answered_captured_and_counted(string shape, string data, string scores)
    {
        await using var server = await OwnServer.ServingAsync("fraud", SmallModel.Product());
        await using var os = await StartAsync($"{{name: here, backend: inference, url: {server.Url}, model: fraud, prices: {{call: 0.01}}}}");
        using var response = await AskAsync(os, $$"""{"id": "claim 7", "inputs": [{"name": "x", "datatype": "FP32", "shape": {{shape}}, "data": {{data}}}], "outputs": [{"name": "y"}]}""");
        var answer = await JsonAsync(response);
        Assert.Equal(("fraud", "claim 7", "y", scores), (Text(answer, "model_name"), Text(answer, "id"), Text(answer.GetProperty("outputs")[0], "name"), answer.GetProperty("outputs")[0].GetProperty("data").GetRawText()));
        Assert.Equal("here", response.Headers.GetValues("x-aios-deployment").Single());
        var capture = await LastAsync(os);
        Assert.Equal(("tensors", "answered", "fraud", 0.01m), (Text(capture, "kind"), Text(capture, "end"), Text(capture, "model"), capture.GetProperty("usage").GetProperty("cost").GetDecimal()));
        Assert.Equal(Text(answer, "model_version"), Text(capture, "modelVersion"));
        Assert.Equal((scores, "x"), (capture.GetProperty("output").GetProperty("outputs")[0].GetProperty("data").GetRawText(), Text(capture.GetProperty("input").GetProperty("inputs")[0], "name")));
        Assert.Equal(1, (await os.Http.GetFromJsonAsync<JsonElement>("api/serving?model=fraud")).GetProperty("models")[0].GetProperty("calls").GetProperty("calls").GetInt32());
    }

    [Fact]
    public async Task An_inference_server_scores_and_where_it_is_down_the_next_deployment_does()
    {
        await using var down = await Upstream.FailingAsync(503);
        await using var server = await OwnServer.ServingAsync("claims", SmallModel.Product());
        await using var os = await StartAsync(
            $"{{name: gone, backend: inference, url: {down.Url}, model: claims, retries: 0}}",
            $"{{name: there, role: fallback, backend: inference, url: {server.Url}, model: claims, version: '1'}}");
        using var response = await AskAsync(os, Rows);
        Assert.Equal(("[7,10]", "1"), ((await JsonAsync(response)).GetProperty("outputs")[0].GetProperty("data").GetRawText(), Text(await JsonAsync(response), "model_version")));
        Assert.Equal("there", response.Headers.GetValues("x-aios-deployment").Single());
        Assert.Equal("unavailable", Text((await LastAsync(os)).GetProperty("fallbacks")[0], "reason"), ignoreCase: true);
    }

    [Fact]
    public async Task A_server_of_the_protocol_gets_the_tensors_and_nothing_else_of_what_was_sent()
    {
        const string Mail = "ada@analytical.example";
        await using var endpoint = await Upstream.StartAsync((context, _) => context.Response.Body.WriteAsync("""{"outputs": [{"name": "y", "datatype": "FP64", "shape": [1], "data": [0.5]}]}"""u8.ToArray()).AsTask());
        await using var os = await StartAsync($"{{name: main, backend: inference, url: {endpoint.Url}, model: fraud}}");
        using var response = await AskAsync(os, $$$"""
            {"id": "7", "parameters": {"sequence_id": 4711, "priority": 1, "timeout": 99000000}, "trace": {"a": 1}, "inputs": [
             {"name": "x", "datatype": "FP32", "shape": [1, 2], "parameters": {"shared_memory_region": "theirs"}, "data": [[0.1, 1e3]], "note": 1},
             {"name": "n", "datatype": "UINT64", "shape": [1], "data": [18446744073709551615]},
             {"name": "t", "datatype": "BYTES", "shape": [2], "data": ["{{{Mail}}}", "caf\u00e9"]}], "outputs": [{"name": "y", "parameters": {"shared_memory_region": "mine"}}]}
            """);
        Assert.Equal("[0.5]", (await JsonAsync(response)).GetProperty("outputs")[0].GetProperty("data").GetRawText());
        var sent = endpoint.Asked.Single();
        var texts = sent.GetProperty("inputs")[2].GetProperty("data");
        Assert.StartsWith("[email:", texts[0].GetString(), StringComparison.Ordinal);
        Assert.Equal("café", texts[1].GetString());
        Assert.Equal(
            """{"id":"7","inputs":[{"name":"x","datatype":"FP32","shape":[1,2],"data":[0.1,1000]},{"name":"n","datatype":"UINT64","shape":[1],"data":[18446744073709551615]},{"name":"t","datatype":"BYTES","shape":[2],"data":TEXTS}],"outputs":[{"name":"y"}]}""",
            sent.GetRawText().Replace(texts.GetRawText(), "TEXTS", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Inputs_that_swell_in_the_form_of_an_endpoint_are_refused_before_they_leave()
    {
        await using var endpoint = await Upstream.StartAsync((context, _) => context.Response.WriteAsJsonAsync(new[] { 0.5 }));
        await using var os = await StartAsync($"{{name: main, backend: azureml, url: {endpoint.Url}, model: fraud}}");
        const int Count = 2_200_000;   // of two bytes each; seven pairs of brackets around every one
        using var response = await AskAsync(os, $$"""{"inputs": [{"name": "x", "datatype": "UINT8", "shape": [{{Count}}, 1, 1, 1, 1, 1, 1, 1], "data": [{{new string('x', Count - 1).Replace("x", "0,", StringComparison.Ordinal)}}0]}]}""");
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("send fewer rows", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Empty(endpoint.Asked);
    }

    [Theory]
    [InlineData("""[{"name": "amount", "datatype": "FP64", "shape": [2], "data": [240.5, 99]}, {"name": "region", "datatype": "BYTES", "shape": [2, 1], "data": ["north", "south"]}]""",
        """{"input_data":{"columns":["amount","region"],"index":[0,1],"data":[[240.5,"north"],[99,"south"]]}}""",
        "[0.25, 0.75]", """[{"name":"predictions","datatype":"FP64","shape":[2],"data":[0.25,0.75]}]""")]
    [InlineData("""[{"name": "x", "datatype": "INT64", "shape": [2, 2], "data": [1, 2, 3, 4]}]""",
        """{"input_data":{"x":[[1,2],[3,4]]}}""",
        """{"scores": [[0.1, 0.9], [0.8, 0.2]], "labels": ["fraud", "fine"]}""",
        """[{"name":"scores","datatype":"FP64","shape":[2,2],"data":[0.1,0.9,0.8,0.2]},{"name":"labels","datatype":"BYTES","shape":[2],"data":["fraud","fine"]}]""")]
    [InlineData("""[{"name": "x", "datatype": "BOOL", "shape": [1], "data": [true]}]""",
        """{"input_data":{"columns":["x"],"index":[0],"data":[[true]]}}""",
        """[{"score": 0.5, "isFraud": false}]""",
        """[{"name":"score","datatype":"FP64","shape":[1],"data":[0.5]},{"name":"isFraud","datatype":"BOOL","shape":[1],"data":[false]}]""")]
    public async Task An_Azure_ML_endpoint_gets_a_table_or_named_tensors_and_its_answer_becomes_tensors(string inputs, string sent, string said, string outputs)
    {
        var (asked, deployment) = (default(JsonElement), "");
        await using var endpoint = await Upstream.StartAsync((context, body) =>
        {
            (asked, deployment) = (body, context.Request.Headers["azureml-model-deployment"].ToString());
            return context.Response.Body.WriteAsync(System.Text.Encoding.UTF8.GetBytes(said)).AsTask();
        });
        await using var os = await StartAsync($"{{name: main, backend: azureml, url: {endpoint.Url}/score, model: fraud, azureDeployment: blue}}");
        using var response = await AskAsync(os, $$"""{"inputs": {{inputs}}}""");
        Assert.Equal((sent, "blue"), (asked.GetRawText(), deployment));
        Assert.Equal(outputs, (await JsonAsync(response)).GetProperty("outputs").GetRawText());
    }

    [Theory]
    [InlineData("azureml", "[0.5")]
    [InlineData("azureml", "{}")]
    [InlineData("azureml", "[1, \"two\"]")]
    [InlineData("azureml", "[[1, 2], [3]]")]
    [InlineData("inference", """{"outputs": []}""")]
    [InlineData("inference", """{"outputs": [{"name": "y", "datatype": "FP32", "shape": [2], "data": [1]}]}""")]
    [InlineData("inference", """{"outputs": [{"name": "y", "datatype": "FP32", "shape": [-1], "data": [1]}]}""")]
    [InlineData("inference", """{"outputs": [{"name": "y", "datatype": "FP99", "shape": [1], "data": [1]}]}""")]
    [InlineData("inference", """{"outputs": [{"name": "y", "datatype": "INT8", "shape": [1], "data": [300]}]}""")]
    public async Task An_answer_that_makes_no_sense_is_broken_and_said_to_be(string backend, string said)
    {
        await using var endpoint = await Upstream.StartAsync((context, _) => context.Response.Body.WriteAsync(System.Text.Encoding.UTF8.GetBytes(said)).AsTask());
        await using var os = await StartAsync($"{{name: main, backend: {backend}, url: {endpoint.Url}, model: fraud}}");
        using var response = await AskAsync(os, Rows);
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("broken", Text(await LastAsync(os), "failure"));
    }

    [Fact]
    public async Task A_canary_answers_and_a_shadow_is_recorded_and_goes_to_nobody()
    {
        await using var canary = await Upstream.StartAsync((context, _) => context.Response.WriteAsJsonAsync(new[] { 0.5 }));
        await using var shadow = await Upstream.StartAsync((context, _) => context.Response.WriteAsJsonAsync(new[] { 0.9 }));
        await using var os = await StartAsync(Nowhere, $"{{name: next, role: canary, share: 1, backend: azureml, url: {canary.Url}, model: fraud}}", $"{{name: trial, role: shadow, backend: azureml, url: {shadow.Url}, model: fraud}}");
        using var response = await AskAsync(os, Rows);
        Assert.Equal("[0.5]", (await JsonAsync(response)).GetProperty("outputs")[0].GetProperty("data").GetRawText());
        JsonElement recorded = default;
        await ArrivalsTests.UntilAsync(async () =>
        {
            recorded = (await os.Http.GetFromJsonAsync<JsonElement>("api/captures?model=fraud")).GetProperty("captures").EnumerateArray().FirstOrDefault(capture => capture.GetProperty("shadow").GetBoolean());
            return recorded.ValueKind == JsonValueKind.Object;
        });
        var whole = await os.Http.GetFromJsonAsync<JsonElement>($"api/captures/{Text(recorded, "id")}");
        Assert.Equal(("trial", "[0.9]", "system"), (Text(whole, "deployment"), whole.GetProperty("output").GetProperty("outputs")[0].GetProperty("data").GetRawText(), Text(whole, "principal")));
    }

    [Fact]
    public async Task What_is_personal_leaves_as_a_token_and_comes_back_and_is_captured_nowhere()
    {
        const string Mail = "ada@analytical.example", Card = "4111111111111111";
        await using var endpoint = await Upstream.StartAsync((context, asked) => context.Response.WriteAsJsonAsync(new { echo = new[] { asked.GetProperty("input_data").GetProperty("data")[0][0].GetString() }, number = new[] { asked.GetProperty("input_data").GetProperty("data")[0][1].GetInt64() } }));
        await using var os = await StartAsync($"{{name: main, backend: azureml, url: {endpoint.Url}, model: fraud}}");
        using var response = await AskAsync(os, $$"""{"inputs": [{"name": "who", "datatype": "BYTES", "shape": [1], "data": ["{{Mail}}"]}, {"name": "number", "datatype": "INT64", "shape": [1], "data": [{{Card}}]}]}""");
        Assert.Equal(Mail, (await JsonAsync(response)).GetProperty("outputs")[0].GetProperty("data")[0].GetString());
        var sent = endpoint.Asked.Single().GetProperty("input_data").GetProperty("data")[0];
        Assert.StartsWith("[email:", sent[0].GetString(), StringComparison.Ordinal);
        Assert.Equal(Card, sent[1].GetRawText());   // what a model computes with is a number
        var capture = (await LastAsync(os)).GetRawText();
        Assert.DoesNotContain(Mail, capture, StringComparison.Ordinal);
        Assert.DoesNotContain(Card, capture, StringComparison.Ordinal);
        Assert.Contains("[card:", capture, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_budget_that_does_not_cover_a_score_refuses_it_before_it_is_made()
    {
        await using var endpoint = await Upstream.StartAsync((context, _) => context.Response.WriteAsJsonAsync(new[] { 0.5 }));
        await using var os = await StartAsync($"{{name: main, backend: azureml, url: {endpoint.Url}, model: fraud, prices: {{call: 0.4}}}}");
        using var set = await os.Http.PutAsJsonAsync("api/budgets/fraud", new { window = "day", model = "fraud", limit = 1 });
        set.EnsureSuccessStatusCode();
        HttpStatusCode[] all = [.. await Task.WhenAll(Enumerable.Range(0, 5).Select(async _ => { using var response = await AskAsync(os, Rows); return response.StatusCode; }))];
        Assert.Equal((2, 3, 2), (all.Count(status => status == HttpStatusCode.OK), all.Count(status => status == HttpStatusCode.TooManyRequests), endpoint.Asked.Count));
    }

    [Theory]
    [InlineData("fraud", "{}", 400, "inputs")]
    [InlineData("fraud", """{"inputs": []}""", 400, "no inputs")]
    [InlineData("fraud", """{"inputs": [{"name": "x", "datatype": "FP32", "shape": [1, 2], "data": [1]}]}""", 400, "its shape [1, 2] holds 2")]
    [InlineData("fraud", """{"inputs": [{"name": "x", "datatype": "FP32", "shape": [1, 2], "data": [1, "two"]}]}""", 400, "Element 1 of input 'x' is no FP32")]
    [InlineData("fraud", """{"inputs": [{"name": "x", "datatype": "FP32", "shape": [60000000, 0], "data": []}]}""", 400, "The shape of input 'x' is [60000000, 0]: only its first dimension may be 0")]
    [InlineData("fraud", """{"inputs": [{"name": "x", "datatype": "FP32", "shape": [0, 99999999, 99999999], "data": []}]}""", 400, "A shape holds more than")]
    [InlineData("fraud", """{"inputs": [{"name": "x", "datatype": "FP32", "shape": [4294967296, 4294967296], "data": []}]}""", 400, "A dimension has to be")]
    [InlineData("fraud", """{"inputs": [{"name": "x", "name": "y", "datatype": "FP32", "shape": [1], "data": [1]}]}""", 400, "'name' stands twice in input 'x'")]
    [InlineData("fraud", """{"inputs": [{"name": "x", "datatype": "FP32", "datatype": "FP64", "shape": [1], "data": [1]}]}""", 400, "'datatype' stands twice in input 'x'")]
    [InlineData("fraud", """{"inputs": [{"name": "x", "datatype": "FP32", "shape": [1], "shape": [2], "data": [1]}]}""", 400, "'shape' stands twice in input 'x'")]
    [InlineData("fraud", """{"inputs": [{"name": "x", "datatype": "FP32", "shape": [1], "data": [1], "data": [2]}]}""", 400, "'data' stands twice in input 'x'")]
    [InlineData("fraud", """{"inputs": [{"parameters": {}, "datatype": "FP32", "shape": [1], "parameters": {}, "data": [1]}]}""", 400, "'parameters' stands twice in an input")]
    [InlineData("fraud", """{"inputs": [{"name": "x", "datatype": "FP32", "shape": [1, 2], "data": [1, 2]}], "outputs": [{"name": "q"}]}""", 400, "no output 'q'")]
    [InlineData("fraud", """{"inputs": [{"name": "x", "datatype": "FP32", "shape": [1, 2], "data": [1, 2]}], "parameters": {"binary_data_output": true}}""", 400, "binary data is not given here")]
    [InlineData("nobody", Rows, 404, "no model 'nobody'")]
    [InlineData("words", Rows, 400, "POST /v1/embeddings")]
    public async Task What_is_wrong_is_said_with_what_to_send_instead(string model, string body, int status, string says)
    {
        await using var endpoint = await Upstream.StartAsync((context, _) => context.Response.WriteAsJsonAsync(new[] { 0.5 }));
        await using var os = await GatewayOs.StartAsync(Models($"{{name: main, backend: azureml, url: {endpoint.Url}, model: fraud}}") + "  words: {kind: embeddings, deployments: [{name: here, backend: encoder}]}\n");
        using var response = await AskAsync(os, body, model);
        var problem = await response.Content.ReadAsStringAsync();
        Assert.True(status == (int)response.StatusCode, problem);
        Assert.Contains(says, JsonElement.Parse(problem).GetProperty("detail").GetString()!, StringComparison.Ordinal);
        if (status == 400)
            Assert.False(JsonElement.Parse(problem).GetProperty("errors")[0] is var error && Text(error, "message").StartsWith(Text(error, "field") + ":", StringComparison.Ordinal), problem);
    }

    [Fact]
    public async Task An_operator_sees_what_stands_behind_a_model_and_whether_it_is_asked()
    {
        await using var down = await Upstream.FailingAsync(503);
        await using var os = await StartAsync($"{{name: main, backend: azureml, url: '{down.Url}', model: fraud, version: '7', retries: 0, breaker: {{calls: 2}}}}", "{name: next, role: fallback, backend: inference, url: 'http://127.0.0.1:1', model: fraud, retries: 0}");
        Assert.Equal("asked", Text((await os.Http.GetFromJsonAsync<JsonElement>("api/models/fraud")).GetProperty("deployments")[0], "state"));
        for (var i = 0; i < 2; i++)
            (await AskAsync(os, Rows)).Dispose();
        var model = await os.Http.GetFromJsonAsync<JsonElement>("api/models/fraud");
        Assert.Equal(("fraud", "tensors", 60), (Text(model, "name"), Text(model, "kind"), model.GetProperty("timeoutSeconds").GetInt32()));
        var main = model.GetProperty("deployments")[0];
        Assert.Equal(("main", "champion", "azureMl", down.Url, "7", "open", 64), (Text(main, "name"), Text(main, "role"), Text(main, "backend"), Text(main, "url"), Text(main, "version"), Text(main, "state"), main.GetProperty("concurrency").GetInt32()));
        Assert.Equal(("fallback", 2), (Text(model.GetProperty("deployments")[1], "role"), model.GetProperty("calls").GetProperty("calls").GetProperty("calls").GetInt32()));

        var listed = Assert.Single((await os.Http.GetFromJsonAsync<JsonElement>("api/models")).GetProperty("models").EnumerateArray());
        Assert.Equal(model.EnumerateObject().Select(member => member.Name), listed.EnumerateObject().Select(member => member.Name));
        Assert.Equal(("fraud", model.GetProperty("deployments").GetRawText()), (Text(listed, "name"), listed.GetProperty("deployments").GetRawText()));

        using var unknown = await os.Http.GetAsync("api/models/nobody");
        Assert.Equal((HttpStatusCode.NotFound, "There is no model 'nobody'; there are: fraud."), (unknown.StatusCode, Text(await unknown.Content.ReadFromJsonAsync<JsonElement>(), "detail")));
        using var nothing = await os.Http.GetAsync("api/model/fraud");
        Assert.Equal((HttpStatusCode.NotFound, "application/problem+json"), (nothing.StatusCode, nothing.Content.Headers.ContentType?.MediaType));
        using var client = await os.ClientAsync();
        using var refused = await client.GetAsync("api/models/fraud");
        using var list = await client.GetAsync("api/models");
        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.Forbidden), (refused.StatusCode, list.StatusCode));
    }

    [Fact]
    public async Task A_request_that_is_wrong_names_the_field()
    {
        await using var server = await OwnServer.ServingAsync("fraud", SmallModel.Product());
        await using var os = await StartAsync($"{{name: here, backend: inference, url: {server.Url}, model: fraud}}");
        using var second = await AskAsync(os, """{"inputs": [{"name": "x", "datatype": "FP32", "shape": [1], "data": [1]}, {"name": "y", "datatype": "FP99", "shape": [1], "data": [1]}]}""");
        Assert.Equal("inputs[1]", Text((await second.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors")[0], "field"));
        using var shape = await AskAsync(os, """{"inputs": [{"name": "x", "datatype": "FP32", "shape": [1, 3], "data": [1, 2, 3]}]}""");
        var error = (await shape.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors")[0];
        Assert.Equal("inputs", Text(error, "field"));
        Assert.Contains("GET /v2/models/fraud", Text(error, "message"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_asks_a_scoring_model_for_words_is_told_where_scores_are()
    {
        await using var os = await StartAsync(Nowhere);
        using var response = await os.Http.PostAsJsonAsync("v1/embeddings", new { model = "fraud", input = "How are you?" });
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("POST /api/models/fraud/infer", (await GatewayOs.ErrorAsync(response)).GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{name: here, backend: encoder}", "Tensors cannot be had from")]
    [InlineData("{name: here, backend: onnx, model: fraud}", "never in this one: serve its folder with `./aios inference --repository DIR`")]
    [InlineData("{name: here, backend: onnx, model: fraud}", "{name: main, backend: inference, url: http://127.0.0.1:8000, model: fraud}")]
    [InlineData("{name: here, backend: inference, url: 'http://127.0.0.1:1', model: m, file: fraud.onnx}", "has no `file`")]
    public async Task A_deployment_that_cannot_score_stops_the_start_and_is_told_what_to_write(string deployment, string says)
    {
        var error = await Assert.ThrowsAnyAsync<FormatException>(() => GatewayOs.StartAsync(Models(deployment)));
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
    }

    static Task<HttpResponseMessage> AskAsync(GatewayOs os, string body, string model = "fraud") => os.Http.PostAsync(string.Create(CultureInfo.InvariantCulture, $"api/models/{model}/infer"), ChatEndpointTests.Json(body));

    static async Task<JsonElement> JsonAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonElement.Parse(text);
    }

    static async Task<JsonElement> LastAsync(GatewayOs os) =>
        await os.Http.GetFromJsonAsync<JsonElement>($"api/captures/{Text((await os.Http.GetFromJsonAsync<JsonElement>("api/captures?top=1")).GetProperty("captures")[0], "id")}");

    static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
