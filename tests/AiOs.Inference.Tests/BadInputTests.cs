using System.Net;

namespace AiOs.Inference.Tests;

/// <summary>What bad input gets: the protocol's error with its reason, and nothing else is disturbed.</summary>
public sealed class BadInputTests
{
    const string Good = """{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,1]}]}""";

    [Theory]
    [InlineData("", "not valid JSON")]
    [InlineData("{", "not valid JSON")]
    [InlineData("[]", "JSON object")]
    [InlineData("{} {}", "not valid JSON")]
    [InlineData("{}", "no inputs")]
    [InlineData("""{"inputs":{}}""", "array")]
    [InlineData("""{"inputs":[1]}""", "object")]
    [InlineData("""{"inputs":[{"shape":[1,2],"datatype":"FP32","data":[1,1]}]}""", "no name")]
    [InlineData("""{"inputs":[{"name":"z","shape":[1,2],"datatype":"FP32","data":[1,1]}]}""", "no input 'z'")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP31","data":[1,1]}]}""", "FP31")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,2],"data":[1,1]}]}""", "no datatype")]
    [InlineData("""{"inputs":[{"name":"x","datatype":"FP32","data":[1,1]}]}""", "no shape")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32"}]}""", "needs either data")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","data":[1,1,1]}]}""", "[-1, 2]")]
    [InlineData("""{"inputs":[{"name":"x","shape":[2],"datatype":"FP32","data":[1,1]}]}""", "[-1, 2]")]
    [InlineData("""{"inputs":[{"name":"x","shape":[0,2],"datatype":"FP32","data":[]}]}""", "no rows")]
    [InlineData("""{"inputs":[{"name":"x","shape":[-1,2],"datatype":"FP32","data":[1,1]}]}""", "not negative")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1.5,2],"datatype":"FP32","data":[1,1]}]}""", "whole number")]
    [InlineData("""{"inputs":[{"name":"x","shape":[99999999,99999999],"datatype":"FP32","data":[1,1]}]}""", "more than")]
    [InlineData("""{"inputs":[{"name":"x","shape":[0,99999999,99999999],"datatype":"FP32","data":[]}]}""", "more than")]
    [InlineData("""{"inputs":[{"name":"x","shape":[4294967296,4294967296],"datatype":"FP32","data":[]}]}""", "A dimension has to be")]
    [InlineData("""{"inputs":[{"name":"x","shape":[60000000,0],"datatype":"FP32","data":[]}]}""", "only its first dimension may be 0")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,1],"data":[2,2]}]}""", "'data' stands twice in input 'x'")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1]}]}""", "has 1 elements")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,1,1]}]}""", "more elements")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":["1",1]}]}""", "Element 0")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[NaN,1]}]}""", "not valid JSON")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1e99,1]}]}""", "Element 0")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,2],"datatype":"INT32","data":[1,1]}]}""", "has to be FP32")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,2],"datatype":"INT8","data":[1,300]}]}""", "Element 1")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP16","data":[1,1]}]}""", "binary data")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,1]},{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,1]}]}""", "once")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,1]}],"outputs":[{"name":"q"}]}""", "no output 'q'")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,1]}],"parameters":{"binary_data_output":"yes"}}""", "not valid JSON of an inference request")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,1]}],"parameters":{"timeout":-1}}""", "timeout")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]}]}""", "nested")]
    public async Task A_request_that_does_not_fit_is_told_why(string request, string reason)
    {
        await using var server = await Server.StartAsync(s => s.Put("product", 1, SmallModel.Product()));
        var answer = await server.Client.PostAsync("v2/models/product/infer", request);
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains(reason, answer.Error, StringComparison.Ordinal);
        Assert.Equal(new[] { 4f, 6 }, (await server.Client.PostAsync("v2/models/product/infer", Good)).Floats("y"));
    }

    [Theory]
    [InlineData(16, 12, null, "claims 16 bytes")]
    [InlineData(16, 20, null, "belong to no input")]
    [InlineData(12, 12, null, "needs 16")]
    [InlineData(-1, 16, null, "claims -1")]
    [InlineData(16, 16, "5", "not valid JSON")]
    [InlineData(16, 16, "99999", "at most that of the body")]
    [InlineData(16, 16, "-3", "Inference-Header-Content-Length")]
    [InlineData(16, 16, "many", "Inference-Header-Content-Length")]
    public async Task Lengths_that_lie_are_found_out(int claimed, int sent, string? headerLength, string reason)
    {
        await using var server = await Server.StartAsync(s => s.Put("product", 1, SmallModel.Product()));
        var answer = await server.Client.InferBinaryAsync("product",
            new { inputs = new[] { new { name = "x", shape = new[] { 2, 2 }, datatype = "FP32", parameters = new { binary_data_size = claimed } } } }, new byte[sent], headerLength);
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains(reason, answer.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public async Task What_is_no_finite_number_is_refused_in_binary_too(float value)
    {
        await using var server = await Server.StartAsync(s => s.Put("product", 1, SmallModel.Product()));
        var answer = await server.Client.InferBinaryAsync("product", new { inputs = new[] { new { name = "x", shape = new[] { 1, 2 }, datatype = "FP32", parameters = new { binary_data_size = 8 } } } }, OipClient.Floats(1, value));
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains("finite", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Huge_requests_are_refused_before_they_wait()
    {
        await using var server = await Server.StartAsync(s => s.Put("product", 1, SmallModel.Product(), """{"maxRequestRows": 4}"""));
        var rows = await server.Client.InferAsync("product", new { inputs = new[] { new { name = "x", shape = new[] { 5, 2 }, datatype = "FP32", data = new float[10] } } });
        Assert.Equal(HttpStatusCode.BadRequest, rows.Status);
        Assert.Contains("more rows", rows.Error, StringComparison.Ordinal);
        var body = await server.Client.PostAsync("v2/models/product/infer", new string(' ', (1 << 20) + 1));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, body.Status);
        Assert.Contains("larger", body.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "v2/models/nobody", HttpStatusCode.NotFound)]
    [InlineData("GET", "v2/models/product/versions/9", HttpStatusCode.NotFound)]
    [InlineData("POST", "v2/models/product/versions/x/infer", HttpStatusCode.NotFound)]
    [InlineData("POST", "v2/models/nobody/infer", HttpStatusCode.NotFound)]
    [InlineData("POST", "v2/repository/models/nobody/load", HttpStatusCode.NotFound)]
    [InlineData("POST", "v2/repository/models/..%2F..%2Fetc/load", HttpStatusCode.NotFound)]
    [InlineData("POST", "v2/repository/models/nobody/unload", HttpStatusCode.NotFound)]
    [InlineData("GET", "v3", HttpStatusCode.NotFound)]
    [InlineData("GET", "v2/models/product/infer", HttpStatusCode.MethodNotAllowed)]
    [InlineData("POST", "v2", HttpStatusCode.MethodNotAllowed)]
    public async Task What_is_not_there_is_said_so(string method, string path, HttpStatusCode status)
    {
        await using var server = await Server.StartAsync(s => s.Put("product", 1, SmallModel.Product()));
        var answer = method == "GET" ? await server.Client.GetAsync(path) : await server.Client.PostAsync(path, Good);
        Assert.Equal(status, answer.Status);
        Assert.NotEmpty(answer.Error);
    }

    [Theory]
    [InlineData("""{"inputs":[{"name":"text","shape":[1],"datatype":"FP32","data":[1]}]}""", "BYTES")]
    [InlineData("""{"inputs":[{"name":"text","shape":[1,2],"datatype":"BYTES","data":["a","b"]}]}""", "one string a row")]
    [InlineData("""{"inputs":[{"name":"text","shape":[2],"datatype":"BYTES","data":["a"]}]}""", "has 1 elements")]
    [InlineData("""{"inputs":[{"name":"text","shape":[1],"datatype":"BYTES","data":[7]}]}""", "Element 0")]
    [InlineData("""{"inputs":[{"name":"text","shape":[1],"datatype":"BYTES","data":["\ud800"]}]}""", "Element 0")]
    [InlineData("""{"inputs":[{"name":"values","shape":[1],"datatype":"INT64","data":[7]}]}""", "'indices'")]
    [InlineData("""{"inputs":[{"name":"values","shape":[1],"datatype":"INT64","data":[7]},{"name":"indices","shape":[1,2],"datatype":"INT64","data":[1,0]}]}""", "without gaps")]
    [InlineData("""{"inputs":[{"name":"values","shape":[1],"datatype":"INT64","data":[7]},{"name":"indices","shape":[1,2],"datatype":"INT64","data":[0,9000000000]}]}""", "without gaps")]
    [InlineData("""{"inputs":[{"name":"values","shape":[1],"datatype":"INT64","data":[-7]},{"name":"indices","shape":[1,2],"datatype":"INT64","data":[0,0]}]}""", "no token number")]
    [InlineData("""{"inputs":[{"name":"values","shape":[1],"datatype":"INT64","data":[999999]},{"name":"indices","shape":[1,2],"datatype":"INT64","data":[0,0]}]}""", "failed on this request")]
    [InlineData("""{"inputs":[{"name":"values","shape":[2],"datatype":"INT64","data":[7,8]},{"name":"indices","shape":[1,2],"datatype":"INT64","data":[0,0]}]}""", "n as in")]
    public async Task Sequences_and_text_that_do_not_fit_are_told_why(string request, string reason)
    {
        await using var server = await Server.StartAsync(s => s.PutEncoder());
        var answer = await server.Client.PostAsync("v2/models/sentence-encoder/infer", request);
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains(reason, answer.Error, StringComparison.Ordinal);
        Assert.Equal(512, (await ProtocolTests.Embed(server.Client, "All is well.")).Length);
    }

    [Fact]
    public async Task Text_whose_inner_lengths_lie_or_that_is_no_UTF8_is_refused()
    {
        await using var server = await Server.StartAsync(s => s.PutEncoder());
        foreach (var bytes in new byte[][] { [9, 0, 0, 0, 65], [255, 255, 255, 255, 65], [1, 0, 0], [2, 0, 0, 0, 0xC3, 0x28] })
        {
            var answer = await server.Client.InferBinaryAsync("sentence-encoder", new { inputs = new[] { new { name = "text", shape = new[] { 1 }, datatype = "BYTES", parameters = new { binary_data_size = bytes.Length } } } }, bytes);
            Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
            Assert.NotEmpty(answer.Error);
        }
    }
}
