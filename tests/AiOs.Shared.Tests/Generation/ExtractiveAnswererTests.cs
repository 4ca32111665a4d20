using AiOs.Agents.Generation;
using AiOs.Agents.Retrieval;
using AiOs.Shared.Tests.Models;
using AiOs.Shared.Tests.Retrieval;
using FsCheck;
using FsCheck.Fluent;

namespace AiOs.Shared.Tests.Generation;

public sealed class ExtractiveAnswererTests
{
    readonly ExtractiveAnswerer answerer = new(Encoder.Shared, new GenerationOptions());

    [Fact]
    public async Task An_answer_quotes_the_sentence_that_answers()
    {
        const string text = "Freeze the **card** in the app at once. A replacement is free twice a year. The office has a blue door.";
        var passage = new Passage("cards.md", "Cards > Lost card", text, 40, 40 + text.Length, 0.8);
        var answer = await answerer.AnswerAsync("Is a replacement card free?", [passage], CancellationToken.None);
        Assert.False(answer.Abstained);
        Assert.Contains("A replacement is free twice a year.", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("blue door", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("**", answer.Text, StringComparison.Ordinal);
        Assert.All(answer.Citations, c => Assert.Equal(c.Quote, text[(c.Start - 40)..(c.End - 40)]));
        Assert.Equal(answer.Support, answer.Citations.Max(c => c.Score));
    }

    [Theory]
    [InlineData("My television fell over, am I covered?", "My television fell over")]
    [InlineData("The washing machine leaked. Do you pay? And when?", "The washing machine leaked. And when")]
    [InlineData("Is my bicycle covered?", "Is my bicycle covered?")]
    [InlineData("Hello, do you pay?", "Hello, do you pay?")]
    [InlineData("My phone is gone, which documents must reach you?", "My phone is gone, which documents must reach you?")]
    [InlineData("", "")]
    [InlineData(",,,?", ",,,?")]
    public void A_turn_of_phrase_beside_what_is_told_does_not_count(string question, string told) => Assert.Equal(told, WhatIsAsked.Told(question));

    [Fact]
    public async Task Without_support_there_is_no_answer()
    {
        var passage = new Passage("cards.md", "Cards", "Freeze the card in the app at once.", 0, 35, 0.1);
        foreach (var question in new[] { "Who painted the Mona Lisa?", "", "😀", new string('?', 100_000) })
        {
            var answer = await answerer.AnswerAsync(question, [passage], CancellationToken.None);
            Assert.Equal((true, "", 0), (answer.Abstained, answer.Text, answer.Citations.Count));
        }

        Assert.True((await answerer.AnswerAsync("Where is my card?", [], CancellationToken.None)).Abstained);
    }

    [Fact]
    public void Every_quote_from_any_document_stands_literally_at_its_place()
    {
        var bold = new ExtractiveAnswerer(Encoder.Shared, new GenerationOptions { LeastSupport = 0, ShareOfBest = 0, MostSentences = 50 });
        var pieces = new[] { "# Cards\n", "Freeze the card. ", "No! Really?\n", "- item *one*\n", "1. two\n", "\n\n", "\r\n", "> quoted text. ", "| a | b |\n", "`code` ", "See [it](x). ", "😀 card ", "You need:\n\n- a card\n- a PIN\n" };
        Prop.ForAll(Gen.Elements(pieces).ListOf().Select(string.Concat).ToArbitrary(), text =>
        {
            var passages = MarkdownChunks.Of(new("a.md", text)).Select(c => new Passage("a.md", c.Section, text[c.Start..c.End], c.Start, c.End, 0.5)).ToList();
            var answer = bold.AnswerAsync("freeze the card", passages, CancellationToken.None).GetAwaiter().GetResult();
            Assert.All(answer.Citations, c => Assert.Equal(c.Quote, text.Substring(c.Start, c.End - c.Start)));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(100));
    }

    [Fact]
    public async Task Every_quote_from_the_sample_apps_stands_literally_at_its_place()
    {
        await using var library = await Library.OpenAsync();
        foreach (var (_, files) in Library.SampleApps())
        {
            var index = await library.Indexer.BuildAsync(files, null, null, CancellationToken.None);
            var texts = files.ToDictionary(f => f.Path, f => f.Text, StringComparer.Ordinal);
            var answered = 0;
            var questions = files.SelectMany(f => MarkdownChunks.Of(f)).Select(c => c.Section.Split(" > ")[^1]).Distinct(StringComparer.Ordinal).ToList();
            foreach (var question in questions)
            {
                var answer = await answerer.AnswerAsync(question, await library.Search.SearchAsync(index.Ref, question, 4, [], CancellationToken.None), CancellationToken.None);
                answered += answer.Abstained ? 0 : 1;
                Assert.All(answer.Citations, c => Assert.Equal(c.Quote, texts[c.Document].Substring(c.Start, c.End - c.Start)));
            }

            Assert.True(answered >= questions.Count / 2, $"{answered} of {questions.Count} headings were answered");
        }
    }
}
