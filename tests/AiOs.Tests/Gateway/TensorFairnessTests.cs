using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace AiOs.Tests.Gateway;

/// <summary>What one caller, or an endpoint that answers strangely, may not do to others.</summary>
public sealed class TensorFairnessTests
{
    const string Said = """{"model_version": "1", "outputs": [{"name": "y", "datatype": "FP32", "shape": [1], "data": [1]}]}""";
    const string Row = """{"name": "x", "datatype": "FP32", "shape": [1], "data": [1]}""";

    static Task<Upstream> SayingAsync(string said) => Upstream.StartAsync((context, _) => context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(said)).AsTask());

    static Task<GatewayOs> StartAsync(string url, string backend = "inference", string more = "") => GatewayOs.StartAsync($"models:\n  fraud:\n    kind: tensors\n    deployments: [{{name: main, backend: {backend}, url: {url}, model: fraud{more}}}]\n");

    static Task<HttpResponseMessage> AskAsync(GatewayOs os, string body) => os.Http.PostAsync("api/models/fraud/infer", ChatEndpointTests.Json(body));

    static async Task<string> CaptureAsync(GatewayOs os) =>
        await os.Http.GetStringAsync($"api/captures/{(await os.Http.GetFromJsonAsync<JsonElement>("api/captures?top=1")).GetProperty("captures")[0].GetProperty("id").GetString()}");

    static async Task<(HttpStatusCode, string)> ReadAsync(Task<HttpResponseMessage> asking)
    {
        using var response = await asking;
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Numbers_that_overflow_in_a_model_open_no_breaker()
    {
        await using var server = await OwnServer.ServingAsync("fraud", SmallModel.Product());
        await using var os = await StartAsync(server.Url, more: ", breaker: {calls: 2}, retries: 0");
        for (var i = 0; i < 4; i++)
            Assert.Equal(HttpStatusCode.BadRequest, (await ReadAsync(AskAsync(os, """{"inputs": [{"name": "x", "datatype": "FP32", "shape": [1, 2], "data": [3e38, 3e38]}]}"""))).Item1);
        var (other, _) = await ReadAsync(AskAsync(os, """{"inputs": [{"name": "x", "datatype": "FP32", "shape": [1, 2], "data": [1, 2]}]}"""));
        Assert.Equal(HttpStatusCode.OK, other);
    }

    [Fact]
    public async Task Shapes_that_do_not_go_together_in_a_model_open_no_breaker()
    {
        await using var server = await OwnServer.ServingAsync("fraud", SmallModel.Sum());
        await using var os = await StartAsync(server.Url, more: ", breaker: {calls: 2}, retries: 0");
        for (var i = 0; i < 4; i++)
            Assert.Equal(HttpStatusCode.BadRequest, (await ReadAsync(AskAsync(os, """{"inputs": [{"name": "a", "datatype": "FP32", "shape": [1, 2], "data": [1, 2]}, {"name": "b", "datatype": "FP32", "shape": [1, 3], "data": [1, 2, 3]}]}"""))).Item1);
        var (other, _) = await ReadAsync(AskAsync(os, """{"inputs": [{"name": "a", "datatype": "FP32", "shape": [1, 2], "data": [1, 2]}, {"name": "b", "datatype": "FP32", "shape": [1, 2], "data": [1, 2]}]}"""));
        Assert.Equal(HttpStatusCode.OK, other);
    }

    [Theory]
    [InlineData("inference", """{"outputs": [{"name": "y", "datatype": "FP32", "shape": [1], "data": [NaN]}]}""")]
    [InlineData("inference", """{"outputs": [{"name": "y", "datatype": "FP32", "shape": [1], "data": [null]}]}""")]
    [InlineData("azureml", "[NaN]")]
    [InlineData("azureml", "[[-Infinity]]")]
    [InlineData("azureml", "[null]")]
    public async Task An_endpoint_that_says_no_number_for_somebodys_row_answers_the_others(string backend, string said)
    {
        await using var endpoint = await Upstream.StartAsync((context, asked) => context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(asked.GetRawText().Contains("-1", StringComparison.Ordinal) ? said : backend == "azureml" ? "[1]" : Said)).AsTask());
        await using var os = await StartAsync(endpoint.Url, backend, ", breaker: {calls: 2}");
        for (var i = 0; i < 4; i++)
            Assert.Equal(HttpStatusCode.BadGateway, (await ReadAsync(AskAsync(os, """{"inputs": [{"name": "x", "datatype": "FP32", "shape": [1], "data": [-1]}]}"""))).Item1);
        Assert.Equal(HttpStatusCode.OK, (await ReadAsync(AskAsync(os, $$"""{"inputs": [{{Row}}]}"""))).Item1);
    }

    [Theory]
    [InlineData("inference", 400)]
    [InlineData("inference", 413)]
    [InlineData("inference", 422)]
    [InlineData("azureml", 400)]
    [InlineData("azureml", 424, "400")]
    [InlineData("azureml", 424, "422")]
    public async Task A_server_that_says_that_somebodys_values_are_wrong_answers_the_others(string backend, int status, string? container = null)
    {
        await using var endpoint = await Upstream.StartAsync((context, asked) =>
        {
            if (!asked.GetRawText().Contains("-1", StringComparison.Ordinal))
                return context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(backend == "azureml" ? "[1]" : Said)).AsTask();
            return Upstream.FailAsync(context, status, container is null ? null : ("ms-azureml-model-error-statuscode", container));
        });
        await using var os = await StartAsync(endpoint.Url, backend, ", breaker: {calls: 2}");
        for (var i = 0; i < 4; i++)
            Assert.Equal(HttpStatusCode.BadRequest, (await ReadAsync(AskAsync(os, """{"inputs": [{"name": "x", "datatype": "FP32", "shape": [1], "data": [-1]}]}"""))).Item1);
        Assert.Equal(HttpStatusCode.OK, (await ReadAsync(AskAsync(os, $$"""{"inputs": [{{Row}}]}"""))).Item1);
        Assert.Equal(5, endpoint.Asked.Count);
    }

    [Fact]
    public async Task A_refusal_that_breaks_off_in_its_words_is_one_and_a_broken_container_opens_the_breaker()
    {
        await using var endpoint = await Upstream.StartAsync(async (context, asked) =>
        {
            context.Response.StatusCode = asked.GetRawText().Contains("-1", StringComparison.Ordinal) ? 422 : 424;
            context.Response.Headers["ms-azureml-model-error-statuscode"] = "500";
            context.Response.ContentLength = 1_000;   // less comes, and then the end of the connection
            await context.Response.Body.WriteAsync("{"u8.ToArray());
        });
        await using var os = await StartAsync(endpoint.Url, "azureml", ", retries: 0, breaker: {calls: 2}");
        for (var i = 0; i < 4; i++)
            Assert.Equal(HttpStatusCode.BadRequest, (await ReadAsync(AskAsync(os, """{"inputs": [{"name": "x", "datatype": "FP32", "shape": [1], "data": [-1]}]}"""))).Item1);
        Assert.Equal("asked", await StateAsync());
        for (var i = 0; i < 4; i++)
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await ReadAsync(AskAsync(os, $$"""{"inputs": [{{Row}}]}"""))).Item1);
        Assert.Equal("open", await StateAsync());

        async Task<string?> StateAsync() => (await os.Http.GetFromJsonAsync<JsonElement>("api/models/fraud")).GetProperty("deployments")[0].GetProperty("state").GetString();
    }

    [Theory, InlineData(400), InlineData(413), InlineData(422)]
    public async Task A_question_that_an_endpoint_does_not_take_is_its_askers_affair(int status)
    {
        await using var endpoint = await Upstream.StartAsync((context, asked) => asked.GetRawText().Contains("wrong", StringComparison.Ordinal) ? Upstream.FailAsync(context, status) : Upstream.SayAsync(context, asked, "Yes."));
        await using var os = await GatewayOs.StartAsync(GatewayOs.Models("", $"name: main, url: {endpoint.Url}, breaker: {{calls: 2}}"));
        for (var i = 0; i < 4; i++)
        {
            using var refused = await os.AskAsync("wrong");
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        }

        Assert.Equal("Yes.", await os.SaidAsync());
    }

    [Fact]
    public async Task Nobody_opens_a_breaker_with_no_rows()
    {
        await using var endpoint = await Upstream.StartAsync((context, asked) => context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(asked.GetProperty("input_data").GetProperty("data").GetArrayLength() == 0 ? "[]" : "[1]")).AsTask());
        await using var os = await StartAsync(endpoint.Url, "azureml", ", breaker: {calls: 2}");
        for (var i = 0; i < 4; i++)
            Assert.Equal(HttpStatusCode.BadRequest, (await ReadAsync(AskAsync(os, """{"inputs": [{"name": "x", "datatype": "FP32", "shape": [0], "data": []}]}"""))).Item1);
        Assert.Equal(HttpStatusCode.OK, (await ReadAsync(AskAsync(os, $$"""{"inputs": [{{Row}}]}"""))).Item1);
    }

    [Fact]
    public async Task An_answer_that_swells_with_its_request_opens_no_breaker()
    {
        await using var endpoint = await Upstream.StartAsync((context, asked) => context.Response.Body.WriteAsync(asked.GetProperty("inputs")[0].GetProperty("shape")[0].GetInt64() > 1 ? new byte[33 * 1024 * 1024] : Encoding.UTF8.GetBytes(Said)).AsTask());
        await using var os = await StartAsync(endpoint.Url, more: ", breaker: {calls: 2}");
        for (var i = 0; i < 4; i++)
            Assert.Equal(HttpStatusCode.BadGateway, (await ReadAsync(AskAsync(os, """{"inputs": [{"name": "x", "datatype": "FP32", "shape": [2], "data": [1, 2]}]}"""))).Item1);
        Assert.Equal(HttpStatusCode.OK, (await ReadAsync(AskAsync(os, $$"""{"inputs": [{{Row}}]}"""))).Item1);
    }

    [Fact]
    public async Task An_output_that_is_not_there_costs_what_the_endpoint_did_for_it()
    {
        await using var endpoint = await SayingAsync(Said);
        await using var os = await StartAsync(endpoint.Url, more: ", prices: {call: 0.4}");
        using var set = await os.Http.PutAsJsonAsync("api/budgets/fraud", new { window = "day", model = "fraud", limit = 1 });
        HttpStatusCode[] all = new HttpStatusCode[4];
        for (var i = 0; i < all.Length; i++)
            (all[i], _) = await ReadAsync(AskAsync(os, $$"""{"inputs": [{{Row}}], "outputs": [{"name": "q"}]}"""));
        Assert.Equal([HttpStatusCode.BadRequest, HttpStatusCode.BadRequest, HttpStatusCode.TooManyRequests, HttpStatusCode.TooManyRequests], all);
        Assert.Equal(2, endpoint.Asked.Count);
    }

    [Theory]
    [InlineData("""{"model_version": "ada@analytical.example", "outputs": [{"name": "y", "datatype": "FP32", "shape": [1], "data": [1]}]}""")]
    [InlineData("""{"model_version": "1", "outputs": [{"name": "ada@analytical.example", "datatype": "FP32", "shape": [1], "data": [1]}]}""")]
    public async Task What_a_server_calls_its_outputs_and_its_version_is_masked_where_it_is_kept(string said)
    {
        await using var endpoint = await SayingAsync(said);
        await using var os = await StartAsync(endpoint.Url);
        Assert.Equal(HttpStatusCode.OK, (await ReadAsync(AskAsync(os, $$"""{"inputs": [{{Row}}]}"""))).Item1);
        Assert.DoesNotContain("ada@", await CaptureAsync(os), StringComparison.Ordinal);
        Assert.DoesNotContain("ada@", await os.Http.GetStringAsync("api/captures"), StringComparison.Ordinal);
        Assert.DoesNotContain("ada@", await os.Http.GetStringAsync("api/serving"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_card_number_with_many_zeros_behind_the_point_is_one()
    {
        await using var endpoint = await SayingAsync(Said);
        await using var os = await StartAsync(endpoint.Url);
        Assert.Equal(HttpStatusCode.OK, (await ReadAsync(AskAsync(os, $$"""{"inputs": [{"name": "x", "datatype": "FP64", "shape": [2], "data": [4111111111111111.{{new string('0', 500)}}, 0.{{new string('0', 500)}}4111111111111111e516]}]}"""))).Item1);
        Assert.DoesNotContain("4111111111111111", await CaptureAsync(os), StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_personal_values_than_the_vault_takes_at_once_are_refused_and_as_many_as_it_takes_come_back()
    {
        await using var endpoint = await Upstream.StartAsync((context, asked) => context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(
            $$"""{"outputs": [{"name": "y", "datatype": "BYTES", "shape": [{{asked.GetProperty("inputs")[0].GetProperty("data").GetArrayLength()}}], "data": {{asked.GetProperty("inputs")[0].GetProperty("data").GetRawText()}}}]}""")).AsTask());
        await using var os = await StartAsync(endpoint.Url);
        var (refused, problem) = await ReadAsync(AskAsync(os, Addresses(20_001)));
        Assert.Equal(HttpStatusCode.BadRequest, refused);
        Assert.Contains("send it in parts", problem, StringComparison.Ordinal);
        Assert.Empty(endpoint.Asked);
        var (status, answer) = await ReadAsync(AskAsync(os, Addresses(2_000)));
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("a1999@b.example", JsonElement.Parse(answer).GetProperty("outputs")[0].GetProperty("data")[1_999].GetString());
        Assert.DoesNotContain("@", endpoint.Asked.Single().GetRawText(), StringComparison.Ordinal);

        static string Addresses(int count) => $$"""{"inputs": [{"name": "x", "datatype": "BYTES", "shape": [{{count}}], "data": [{{string.Join(',', Enumerable.Range(0, count).Select(i => $"\"a{i}@b.example\""))}}]}]}""";
    }

    [Theory]
    [InlineData("""[{"a": 1, "b": 2}, {"b": 4, "a": 3, "c": 9}]""", HttpStatusCode.OK)]
    [InlineData("""[{"a": 1, "b": 2}, {"a": 3, "a": 4}]""", HttpStatusCode.BadGateway)]
    [InlineData("""[{"a": 1, "a": 2}]""", HttpStatusCode.BadGateway)]
    [InlineData("""[{"a": 1}, 2]""", HttpStatusCode.BadGateway)]
    public async Task Records_become_columns_in_whatever_order_their_members_stand(string said, HttpStatusCode expected)
    {
        await using var endpoint = await SayingAsync(said);
        await using var os = await StartAsync(endpoint.Url, "azureml");
        var (status, answer) = await ReadAsync(AskAsync(os, $$"""{"inputs": [{{Row}}]}"""));
        Assert.Equal(expected, status);
        if (status == HttpStatusCode.OK)
            Assert.Equal(["[1,3]", "[2,4]"], JsonElement.Parse(answer).GetProperty("outputs").EnumerateArray().Select(output => output.GetProperty("data").GetRawText()));
    }

    [Fact]
    public async Task A_whole_number_of_an_endpoint_is_not_rounded()
    {
        await using var endpoint = await SayingAsync("[9007199254740993, 1]");
        await using var os = await StartAsync(endpoint.Url, "azureml");
        Assert.Contains("9007199254740993", (await ReadAsync(AskAsync(os, $$"""{"inputs": [{{Row}}]}"""))).Item2, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[2, 2]", "[[1, 2, 3], [4]]")]
    [InlineData("[2, 3]", "[[1, 4], [2, 5], [3, 6]]")]
    public async Task Brackets_that_contradict_the_shape_are_refused(string shape, string data)
    {
        await using var endpoint = await SayingAsync(Said);
        await using var os = await StartAsync(endpoint.Url);
        Assert.Equal(HttpStatusCode.BadRequest, (await ReadAsync(AskAsync(os, $$"""{"inputs": [{"name": "x", "datatype": "FP32", "shape": {{shape}}, "data": {{data}}}]}"""))).Item1);
    }

    [Fact]
    public async Task Names_that_become_one_token_are_their_callers_fault()
    {
        await using var endpoint = await SayingAsync(Said);
        await using var os = await StartAsync(endpoint.Url);
        var (status, _) = await ReadAsync(AskAsync(os, """{"inputs": [{"name": "4111111111111111", "datatype": "FP32", "shape": [1], "data": [1]}, {"name": "4111 1111 1111 1111", "datatype": "FP32", "shape": [1], "data": [1]}]}"""));
        Assert.Equal(HttpStatusCode.BadRequest, status);
    }
}
