using System.ClientModel;
using System.Diagnostics;
using System.Text.Json;
using OpenAI;
using OpenAI.Chat;

namespace AiOs.Tests.Gateway;

/// <summary>The official clients of OpenAI, for JavaScript and for .NET, use the gateway as it is.</summary>
public sealed class OfficialClientTests
{
    static async Task<(GatewayOs Os, Upstream Upstream)> StartAsync()
    {
        var upstream = await Upstream.StartAsync(async (context, asked) =>
        {
            if (asked.GetProperty("model").GetString() == "breaking")
                await Upstream.EventAsync(context, Upstream.Piece("Half", null));
            else
                await Upstream.SayAsync(context, asked, "Done: " + asked.GetProperty("messages")[0].GetProperty("content").GetString());
        });
        return (await GatewayOs.StartAsync($$"""
            models:
              support: {deployments: [{name: main, backend: openai, url: {{upstream.Url}}, model: upstream-model}]}
              breaking: {deployments: [{name: main, backend: openai, url: {{upstream.Url}}, model: breaking}]}
              sentences: {kind: embeddings, deployments: [{name: here, backend: encoder}]}
            """), upstream);
    }

    [Fact]
    public async Task The_client_for_JavaScript_works()
    {
        var (os, upstream) = await StartAsync();
        await using var both = os;
        await using var endpoint = upstream;
        var start = new ProcessStartInfo("node", [Path.Combine(Repository.Root, "tests", "AiOs.Tests", "Gateway", "openai-client.mjs")]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["BASE_URL"] = new Uri(os.Http.BaseAddress!, "v1").ToString();
        start.Environment["API_KEY"] = await os.KeyAsync();
        using var node = Process.Start(start)!;
        var (output, errors) = (node.StandardOutput.ReadToEndAsync(), node.StandardError.ReadToEndAsync());
        await node.WaitForExitAsync();
        Assert.True(node.ExitCode == 0, await errors);
        var seen = JsonElement.Parse(await output);
        const string Said = "Done: Write to ada.lovelace@analytical.example, please.";
        Assert.Equal($$"""{"model":"support","content":"{{Said}}","tokens":15}""", seen.GetProperty("chat").GetRawText());
        Assert.Equal($$"""{"content":"{{Said}}","finish":"stop","tokens":15}""", seen.GetProperty("stream").GetRawText());
        Assert.Equal("[512,512]", seen.GetProperty("embeddings").GetRawText());
        Assert.Equal("""["breaking","sentences","support"]""", seen.GetProperty("models").GetRawText());
        Assert.Equal("support", seen.GetProperty("model").GetString());
        var failures = seen.GetProperty("errors");
        Assert.Equal("""{"kind":"NotFoundError","status":404,"code":"model_not_found","param":"model"}""", failures.GetProperty("unknown").GetRawText());
        Assert.Equal("""{"kind":"BadRequestError","status":400,"code":null,"param":"messages"}""", failures.GetProperty("empty").GetRawText());
        Assert.Equal("""{"kind":"AuthenticationError","status":401,"code":"invalid_api_key","param":null}""", failures.GetProperty("key").GetRawText());
        Assert.Equal(("APIError", "broken"), (failures.GetProperty("broken").GetProperty("kind").GetString(), failures.GetProperty("broken").GetProperty("code").GetString()));
    }

    [Fact]
    public async Task The_client_for_NET_works()
    {
        var (os, upstream) = await StartAsync();
        await using var both = os;
        await using var endpoint = upstream;
        var client = new OpenAIClient(new ApiKeyCredential(await os.KeyAsync()), new OpenAIClientOptions { Endpoint = new Uri(os.Http.BaseAddress!, "v1") });
        ChatCompletion chat = await client.GetChatClient("support").CompleteChatAsync("Hello there.");
        Assert.Equal(("Done: Hello there.", "support", 15), (chat.Content[0].Text, chat.Model, chat.Usage.TotalTokenCount));
        var streamed = "";
        await foreach (var piece in client.GetChatClient("support").CompleteChatStreamingAsync("Hello there."))
            streamed += string.Concat(piece.ContentUpdate.Select(part => part.Text));
        Assert.Equal("Done: Hello there.", streamed);
        var vectors = await client.GetEmbeddingClient("sentences").GenerateEmbeddingsAsync(["How are you?"]);
        Assert.Equal(512, vectors.Value[0].ToFloats().Length);
        Assert.Contains("support", (await client.GetOpenAIModelClient().GetModelsAsync()).Value.Select(model => model.Id));
        var refused = await Assert.ThrowsAsync<ClientResultException>(() => client.GetChatClient("nobody").CompleteChatAsync("Hello there."));
        Assert.Equal(404, refused.Status);
    }
}
