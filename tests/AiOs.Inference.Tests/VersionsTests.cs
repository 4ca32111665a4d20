using System.Net;

namespace AiOs.Inference.Tests;

/// <summary>Versions come and go while callers are served.</summary>
public sealed class VersionsTests
{
    const string Row = """{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,0]}]}""";

    static async Task<float> FirstAsync(Server server, string path = "v2/models/product/infer")
    {
        var answer = await server.Client.PostAsync(path, Row);
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Json?.ToJsonString());
        return answer.Floats("y")[0];
    }

    [Fact]
    public async Task A_new_version_takes_over_while_every_call_is_answered()
    {
        await using var server = await Server.StartAsync(s => s.Put("product", 1, SmallModel.Product(1)));
        using var stop = new CancellationTokenSource();
        var callers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            var seen = new HashSet<float>();
            while (!stop.IsCancellationRequested)
                seen.Add(await FirstAsync(server));
            return seen;
        })).ToArray();
        for (var version = 2; version <= 6; version++)
        {
            server.Put("product", version, SmallModel.Product(version));
            Assert.Equal(HttpStatusCode.OK, (await server.Client.PostAsync("v2/repository/models/product/load")).Status);
            Assert.Equal(version, await FirstAsync(server));
        }
        await stop.CancelAsync();
        foreach (var seen in await Task.WhenAll(callers))
            Assert.All(seen, factor => Assert.InRange(factor, 1, 6));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await server.Client.PostAsync("v2/models/product/versions/1/infer", Row)).Status);
    }

    [Fact]
    public async Task Several_versions_are_served_where_configured_and_a_changed_file_is_loaded_again()
    {
        await using var server = await Server.StartAsync(s => s.Put("product", 1, SmallModel.Product(1)).Put("product", 2, SmallModel.Product(2), """{"versions": 2}"""));
        Assert.Equal(2, await FirstAsync(server));
        Assert.Equal(1, await FirstAsync(server, "v2/models/product/versions/1/infer"));
        server.Put("product", 1, SmallModel.Product(7));
        await server.Client.PostAsync("v2/repository/models/product/load");
        Assert.Equal(7, await FirstAsync(server, "v2/models/product/versions/1/infer"));
        Assert.Equal(2, await FirstAsync(server));
    }

    [Fact]
    public async Task A_version_that_cannot_be_loaded_keeps_the_one_that_is_served()
    {
        await using var server = await Server.StartAsync(s => s.Put("product", 1, SmallModel.Product(1)));
        foreach (var rubbish in new[] { Array.Empty<byte>(), [1, 2, 3], SmallModel.Product(2)[..60], "not a model"u8.ToArray() })
        {
            server.Put("product", 2, rubbish);
            var refused = await server.Client.PostAsync("v2/repository/models/product/load");
            Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
            Assert.Contains("version 2", refused.Error, StringComparison.Ordinal);
            Assert.Equal(1, await FirstAsync(server));
        }
        var index = (await server.Client.PostAsync("v2/repository/index", "{}")).Json!.AsArray();
        Assert.Equal(["READY", "UNAVAILABLE"], index.Select(entry => (string?)entry!["state"]));
        Assert.NotEqual("", (string?)index[1]!["reason"]);
    }

    [Theory]
    [InlineData("""{"maxTokens": 0}""", "maxTokens")]
    [InlineData("""{"maxTokenz": 5}""", "maxTokenz")]
    [InlineData("""{"layout": "ragged"}""", "ragged")]
    [InlineData("""{"tokenizer": "../../secret.json"}""", "tokenizer")]
    [InlineData("{", "config.json")]
    public async Task A_model_that_is_configured_wrongly_is_refused_by_name_and_the_others_are_served(string config, string reason)
    {
        await using var server = await Server.StartAsync(s => s.Put("product", 1, SmallModel.Product(1)).Put("other", 1, SmallModel.Product(2), config));
        Assert.Equal(1, await FirstAsync(server));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await server.Client.GetAsync("v2/health/ready")).Status);
        var answer = await server.Client.PostAsync("v2/models/other/infer", Row);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.Status);
        Assert.Contains(reason, answer.Error, StringComparison.Ordinal);
        server.Configure("other", "{}");
        Assert.Equal(HttpStatusCode.OK, (await server.Client.PostAsync("v2/repository/models/other/load")).Status);
        Assert.Equal(2, await FirstAsync(server, "v2/models/other/infer"));
        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync("v2/health/ready")).Status);
    }

    [Fact]
    public async Task With_polling_new_versions_come_by_themselves()
    {
        var clock = new ManualTimeProvider();
        await using var server = await Server.StartAsync(s => s.Put("product", 1, SmallModel.Product(1)), clock: clock, poll: 5);
        server.Put("product", 2, SmallModel.Product(2));
        while (await FirstAsync(server) < 2)
            clock.Advance(TimeSpan.FromSeconds(5));
    }
}
