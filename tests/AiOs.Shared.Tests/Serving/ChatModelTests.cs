using System.Net;
using System.Text;
using AiOs.Security;
using AiOs.Serving.Azure;
using AiOs.Serving.Backends;
using AiOs.Serving.Calls;
using AiOs.Serving.Chat;
using AiOs.Serving.Routing;
using AiOs.Serving.Wire;
using Azure.Core;
using Microsoft.Extensions.Configuration;

namespace AiOs.Shared.Tests.Serving;

/// <summary>What the operator says about models, and who the models are told is asking.</summary>
public sealed class ChatModelTests
{
    static ConfigurationRoot Configuration(params (string Key, string Value)[] settings) =>
        (ConfigurationRoot)new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => new KeyValuePair<string, string?>("AIOS_MODELS_" + s.Key, s.Value))).Build();

    [Fact]
    public void Every_setting_of_a_model_is_read()
    {
        var model = Assert.Single(ModelSettings.All(Configuration(("SECOND_LINE_URL", "https://models.example/v1"), ("SECOND_LINE_MODEL", "large"), ("SECOND_LINE_AUTH", "entra"),
            ("SECOND_LINE_PRICE_IN", "0.15"), ("SECOND_LINE_PRICE_OUT", "0.6"), ("SECOND_LINE_TIMEOUT_SECONDS", "7"), ("SECOND_LINE_MAX_TOKENS", "64"))));
        var deployment = Assert.Single(model.Deployments);
        Assert.Equal(("second-line", new Uri("https://models.example/v1"), "large", DeploymentAuth.Entra, TimeSpan.FromSeconds(7), 64), (model.Name, deployment.Url, deployment.Model, deployment.Auth, model.Timeout, model.MaxTokens));
        Assert.Equal(0.75m, deployment.Prices!.CostOf(1_000_000, 1_000_000));
        Assert.Empty(ModelSettings.All(Configuration()));
    }

    [Theory]
    [InlineData("A_URL", "https://models.example/v1", "AIOS_MODELS_A_MODEL is missing")]
    [InlineData("A_KEY", "secret", "AIOS_MODELS_A_URL is missing")]
    [InlineData("A_ADDRESS", "https://models.example/v1", "AIOS_MODELS_A_ADDRESS is no setting of a model")]
    [InlineData("OK_URL", "http://models.example/v1", "http only on this machine")]
    [InlineData("OK_URL", "https://user:secret@models.example/v1", "without user")]
    [InlineData("OK_URL", "file:///etc/passwd", "must be an https address")]
    [InlineData("OK_AUTH", "secret", "must be key or entra")]
    [InlineData("OK_PRICE_IN", "-1", "the price of a million tokens")]
    [InlineData("OK_TIMEOUT_SECONDS", "301", "from 1 to 300")]
    [InlineData("OK_MAX_TOKENS", "many", "a whole number")]
    public void A_setting_that_makes_no_sense_is_named_and_its_value_is_not_repeated(string key, string value, string says)
    {
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal) { [key] = value };
        if (key.StartsWith("OK_", StringComparison.Ordinal))
            (settings["OK_URL"], settings["OK_MODEL"]) = (settings.GetValueOrDefault("OK_URL") ?? "http://127.0.0.1:9/v1", "m");
        var error = Assert.Throws<FormatException>(() => ModelSettings.All(Configuration([.. settings.Select(s => (s.Key, s.Value!))])));
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Azure_OpenAI_is_asked_by_the_identity_of_the_process()
    {
        var endpoint = new Endpoint();
        using var transport = new ModelTransport(endpoint);
        var backend = new OpenAiBackend(new("answer", BackendKind.OpenAi) { Url = new("https://contoso.openai.azure.com/openai/v1"), Model = "my-deployment" }, new EntraIdentity(EntraIdentity.OpenAiScope, new Identity()), transport);
        var reply = Assert.IsType<WholeReply>(await AskAsync(backend));
        Assert.Equal(("stop", 7L), (reply.Reply.Finish, reply.Reply.InputTokens));
        Assert.Equal(("https://contoso.openai.azure.com/openai/v1/chat/completions", "Bearer token-for-https://cognitiveservices.azure.com/.default"), endpoint.Asked.Single());
    }

    [Fact]
    public async Task A_key_is_read_at_every_request_so_that_it_can_be_rotated()
    {
        var (endpoint, secrets) = (new Endpoint(), new Secrets { Key = "first" });
        using var transport = new ModelTransport(endpoint);
        var backend = new OpenAiBackend(new("answer", BackendKind.OpenAi) { Url = new("https://models.example/v1"), Model = "m" }, new KeyCredential("answer", Configuration(), secrets), transport);
        await AskAsync(backend);
        secrets.Key = "second";
        await AskAsync(backend);
        secrets.Key = null;
        await AskAsync(backend);
        Assert.Equal(["Bearer first", "Bearer second", ""], endpoint.Asked.Select(a => a.Authorization));

        secrets.Key = "two\nlines";
        var error = await Assert.ThrowsAsync<ModelException>(() => AskAsync(backend));
        Assert.Equal(ModelFailure.Rejected, error.Failure);
        Assert.DoesNotContain("two", error.ToString(), StringComparison.Ordinal);
    }

    static async Task<BackendReply> AskAsync(OpenAiBackend backend) => await backend.AskAsync(
        WireRequest.Parse("""{"model": "answer", "messages": [{"role": "user", "content": "Hi"}]}"""u8.ToArray(), CallKind.Chat), 64, stream: false, TestContext.Current.CancellationToken);

    sealed class Secrets : ISecrets
    {
        public string? Key { get; set; }

        public ValueTask<string?> GetAsync(string app, string name, CancellationToken cancellationToken) => new((app, name) == (KeyCredential.Owner, "answer") ? Key : null);
    }

    sealed class Identity : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => new("token-for-" + requestContext.Scopes.Single(), TimeProvider.System.GetUtcNow().AddHours(1));

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => new(GetToken(requestContext, cancellationToken));
    }

    /// <summary>The network beyond this machine, which tests do not reach.</summary>
    sealed class Endpoint : HttpMessageHandler
    {
        public List<(string Url, string Authorization)> Asked { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked.Add((request.RequestUri!.ToString(), request.Headers.Authorization?.ToString() ?? ""));
            const string Answer = """{"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 7, "completion_tokens": 1}}""";
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(new MemoryStream(Encoding.UTF8.GetBytes(Answer))) });
        }
    }
}
