using System.Text.Json;
using AiOs.Agents.Generation.Grounded;
using AiOs.Agents.Retrieval;
using FsCheck;
using FsCheck.Fluent;

namespace AiOs.Shared.Tests.Generation;

/// <summary>What models stream, in whatever pieces, and the quotes they give.</summary>
public sealed class DraftsTests
{
    [Fact]
    public void However_an_answer_is_cut_into_pieces_the_same_sentences_are_read() => Prop.ForAll<string[], PositiveInt>((texts, size) =>
    {
        var written = texts.Select(t => new string([.. (t ?? "").Where(c => !char.IsSurrogate(c))]) + "}]\\\"{[").ToList();
        var json = "```json\n" + JsonSerializer.Serialize(new { sentences = written.Select(t => new { text = t, citations = new[] { new { document = t, section = "", quote = t } } }) }) + "\n```";
        var drafts = new Drafts();
        var read = json.Chunk(size.Get).SelectMany(piece => drafts.Add(new string(piece))).ToList();
        return drafts.IsWhole && read.Select(d => d!.Text).SequenceEqual(written, StringComparer.Ordinal) && read.All(d => d!.Citations![0]!.Quote == d.Text);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Whatever_comes_nothing_is_thrown() => Prop.ForAll<string>(text =>
    {
        var drafts = new Drafts();
        return new[] { text ?? "", "{" + text, "{\"sentences\": [{" + text + "}]}", "}]" + text }.All(t => drafts.Add(t).Count() >= 0);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_sentence_comes_with_its_last_brace_and_half_of_one_never()
    {
        var drafts = new Drafts();
        Assert.Empty(drafts.Add("{\"sentences\": [{\"text\": \"One.\", \"citations\": []"));
        Assert.Equal("One.", Assert.Single(drafts.Add("}, {\"text\": \"Tw"))!.Text);
        Assert.False(drafts.IsWhole);
    }

    [Theory]
    [InlineData("The office opens at eight.", 4, 33)]
    [InlineData("opens at\neight", 15, 32)]
    [InlineData("The office opens at nine.", -1, -1)]
    [InlineData("the office opens at eight.", -1, -1)]
    [InlineData("at  e", -1, -1)]
    public void A_quote_is_found_where_it_stands_whatever_its_white_space(string quote, int start, int end)
    {
        const string Text = "  ##The office\topens \r\n at eight. It closes at six.";
        var found = new Quotes([new Passage("hours.md", "", Text, 100, 100 + Text.Length, 0.5)]).Find("hours.md", quote);
        Assert.Equal((start, end), found is { } at ? (at.Start, at.End) : (-1, -1));
        Assert.Null(new Quotes([new Passage("other.md", "", Text, 0, Text.Length, 0.5)]).Find("hours.md", quote));
    }
}
