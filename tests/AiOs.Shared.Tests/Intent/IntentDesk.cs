using AiOs.Agents.Intent;
using AiOs.DataPlane;
using AiOs.Models;
using AiOs.Models.Sentences;
using AiOs.Shared.Tests.Models;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Shared.Tests.Intent;

/// <summary>The intent agent with its real stores in a directory of its own, and a small set to train.</summary>
public sealed class IntentDesk : IAsyncDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("aios-intent-").FullName;
    readonly ServiceProvider services;

    IntentDesk(SentenceEncoder encoder) => services = new ServiceCollection()
        .AddLogging()
        .AddDataPlane(new ConfigurationBuilder().AddInMemoryCollection([new(DataPlaneSetup.DataDirectoryKey, folder)]).Build())
        .AddKeyedSingleton<IEmbeddingGenerator<string, Embedding<float>>>(ModelsSetup.Intents, (_, _) => new BorrowedEncoder(encoder))
        .AddIntent()
        .BuildServiceProvider();

    public IntentTrainer Trainer => services.GetRequiredService<IntentTrainer>();

    public IntentClassifier Classifier => services.GetRequiredService<IntentClassifier>();

    public IBlobStore Blobs => services.GetRequiredService<IBlobStore>();

    /// <summary>A desk of its own, with another encoder where one is given.</summary>
    public static async Task<IntentDesk> OpenAsync(SentenceEncoder? encoder = null)
    {
        var desk = new IntentDesk(encoder ?? Encoder.Intents);
        await desk.services.GetRequiredService<Database>().MigrateAsync(default);
        return desk;
    }

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>The library's head, trained once for all tests that only ask it.</summary>
    public sealed class Trained : IAsyncLifetime
    {
        public IntentDesk Desk { get; private set; } = null!;

        public IntentHead Head { get; private set; } = null!;

        public ValueTask<IntentResult> AskAsync(string text) => Desk.Classifier.ClassifyAsync(Head.Ref, text, default);

        public async ValueTask InitializeAsync()
        {
            Desk = await OpenAsync();
            Head = await Desk.Trainer.TrainAsync(Library, null, default);
        }

        public ValueTask DisposeAsync() => Desk.DisposeAsync();
    }

    /// <summary>A library's desk: four intents, and what is none of them.</summary>
    public static IntentSet Library { get; } = new(
    [
        new("renew-loan", "A loan is to last longer.",
        [
            "Can I keep this novel for two more weeks?", "please renew my books", "I need an extension for the atlas I borrowed", "Could you prolong my loan until Friday?",
            "extend the due date of my items please", "I have not finished reading, may I have it longer?", "renew everything on my card", "Is it possible to hold on to the DVD another week?",
        ]),
        new("find-book", "Where something stands or whether it is there.",
        [
            "Do you have the new cookbook by that Danish chef?", "where are the travel guides", "Is the second volume on the shelf?", "I am looking for a biography of Ada Lovelace",
            "which floor has the children's comics?", "Have you got anything about bee keeping?", "search for a Spanish dictionary", "Is there a copy of the chess handbook in the branch?",
        ]),
        new("pay-fine", "Money that is owed.",
        [
            "How much do I owe for the late return?", "I want to pay my overdue fee", "You charged me a fine by mistake", "settle the penalty on my account by card",
            "why is there a charge of three euros?", "Can I pay the late fee online?", "my fine should be cancelled, I was ill", "what does a day of delay cost?",
        ]),
        new("opening-hours", "When the house is open.",
        [
            "When do you open on Saturday?", "are you open on public holidays", "What time does the reading room close?", "Until when can I come today?",
            "opening times please", "Is the library open on Sunday afternoon?", "do you close early in summer?", "How late is the branch in the harbour open?",
        ]),
    ],
    ["What will the weather be tomorrow?", "tell me a joke", "order a pizza with mushrooms", "who won the football match?", "my car makes a strange noise", "play some jazz", "translate good night into Polish", "book a flight to Rome"]);

    /// <summary>Keeps a container from disposing the encoder that all tests share.</summary>
    sealed class BorrowedEncoder(SentenceEncoder encoder) : IEmbeddingGenerator<string, Embedding<float>>
    {
        public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
            encoder.GenerateAsync(values, options, cancellationToken);

        public object? GetService(Type serviceType, object? serviceKey = null) => encoder.GetService(serviceType, serviceKey);

        public void Dispose()
        {
        }
    }
}
