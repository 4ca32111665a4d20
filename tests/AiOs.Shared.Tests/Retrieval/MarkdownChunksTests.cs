using System.Text;
using AiOs.Agents.Retrieval;
using FsCheck;
using FsCheck.Fluent;

namespace AiOs.Shared.Tests.Retrieval;

public sealed class MarkdownChunksTests
{
    static readonly string[] Pieces =
    [
        "# Cards\n", "## Lost card\n", "### In the *app*\r\n", "Freeze the card at once. ", "It takes e.g. 5.5 seconds, i.e. no time! ", "\n\n", "\n", "- one item\n", "1. first\n", "> quoted. Twice.\n",
        "| a | b |\n|---|---|\n| 1 | 2 |\n", "```sh\nrun --now\n```\n", "<!-- note -->\n", "[link](https://example.com \"t\") ", "**bold** and `code`. ", "😀 ", "é", "\0", "---\n", "Setext\n===\n", "[ref]: https://example.com\n",
        "word ", new string('x', 900), "    indented\n", "\t", "You need:\n\n- a passport\n- a form\n\n",
    ];

    [Fact]
    public void Sections_follow_the_headings_and_offsets_the_text()
    {
        const string text = "---\ntitle: x\n---\nIntro.\n\n# Cards\n\n## Lost `card`\n\nFreeze it.\n\n- a\n- b\n\n# Fees\nNone.";
        var chunks = MarkdownChunks.Of(new("a.md", text));
        Assert.Equal(["", "Cards > Lost card", "Fees"], chunks.Select(c => c.Section));
        Assert.Equal(["Intro.", "Freeze it.\n\n- a\n- b", "None."], chunks.Select(c => text[c.Start..c.End]));
    }

    [Fact]
    public void Every_word_of_a_document_is_in_one_passage_of_its_section()
    {
        var part = Gen.Choose(0, 7).Zip(Gen.Choose(1, 150));   // 0, 1: a heading of level 1 to 3; else a block of so many words
        Prop.ForAll(part.ListOf().ToArbitrary(), parts =>
        {
            var (text, sections) = Document(parts);
            var chunks = MarkdownChunks.Of(new("a.md", text));
            foreach (var (word, section) in sections)
            {
                var holder = Assert.Single(chunks, c => text[c.Start..c.End].Contains(word, StringComparison.Ordinal));
                Assert.Equal(section, holder.Section);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(60));
    }

    [Fact]
    public void Passages_of_any_Markdown_are_in_order_apart_and_short() =>
        Prop.ForAll(Gen.Elements(Pieces).ListOf().Select(string.Concat).ToArbitrary(), text =>
        {
            var chunks = MarkdownChunks.Of(new("a.md", text));
            Assert.All(chunks, c => Assert.True(c.Start < c.End && c.End <= text.Length && c.End - c.Start <= 700));
            Assert.All(chunks.Zip(chunks.Skip(1)), pair => Assert.True(pair.First.End <= pair.Second.Start));
            Assert.All(chunks, c => Assert.True(!char.IsWhiteSpace(text[c.Start]) && !char.IsWhiteSpace(text[c.End - 1]) && !char.IsLowSurrogate(text[c.Start])));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(400));

    [Fact]
    public void Any_characters_make_passages_without_an_exception() =>
        Prop.ForAll(ArbMap.Default.ArbFor<string>(), text =>
        {
            if (text is not null)
                Assert.All(MarkdownChunks.Of(new("a.md", text)), c => Assert.True(c.End <= text.Length));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void A_file_nested_too_deeply_is_refused_by_name()
    {
        var refused = Assert.Throws<InvalidDataException>(() => MarkdownChunks.Of(new("deep.md", new string('>', 2_000) + " x")));
        Assert.StartsWith("deep.md: ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sentences_end_where_a_reader_says_so()
    {
        const string text = "Pay 1.50 EUR, e.g. by card. Mr. Smith agreed! \"Really?\" Yes.\n\nYou need:\n\n- a passport\n- a form\n\n1. Open *it*.\n2. Done\n| a | b |";
        Assert.Equal(
            ["Pay 1.50 EUR, e.g. by card.", "Mr. Smith agreed!", "\"Really?\"", "Yes.", "You need:\n\n- a passport\n- a form", "Open *it*.", "Done", "| a | b |"],
            Sentences.Of(text).Select(s => text[s.Start..s.End]));
        Assert.Equal("You need: a passport; a form", MarkdownText.Plain("You need:\n\n- a passport\n- a form"));
        Assert.Equal("See the list of snake_case in bold", MarkdownText.Plain("See [the list](https://example.com) of `snake_case` in **bold**"));
    }

    static (string Text, Dictionary<string, string> Sections) Document(IEnumerable<(int Kind, int Words)> parts)
    {
        var text = new StringBuilder();
        var sections = new Dictionary<string, string>(StringComparer.Ordinal);
        List<(int Level, string Title)> headings = [];
        foreach (var (kind, count) in parts)
        {
            if (kind < 2)
            {
                var level = 1 + (count % 3);
                headings.RemoveAll(h => h.Level >= level);
                headings.Add((level, $"Heading {count}"));
                text.Append('#', level).Append(' ').Append(headings[^1].Title).Append("\n\n");
                continue;
            }

            for (var i = 0; i < count; i++)
            {
                var word = $"w{sections.Count}w";
                sections[word] = string.Join(" > ", headings.Select(h => h.Title));
                text.Append(kind switch { 2 => i == 0 ? "- " : "\n- ", 3 => i == 0 ? "> " : " ", 4 => i == 0 ? "1. " : "\n1. ", 5 => i == 0 ? "" : "\n", _ => i == 0 ? "" : " " }).Append(word).Append(i % 9 == 8 ? ". And" : "");
            }

            text.Append("\n\n");
        }

        return (text.ToString(), sections);
    }
}
