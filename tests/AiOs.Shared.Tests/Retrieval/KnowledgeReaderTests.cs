using System.Text;
using AiOs.Agents.Retrieval;
using AiOs.Agents.Retrieval.Reading;
using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Wordprocessing;

namespace AiOs.Shared.Tests.Retrieval;

public sealed class KnowledgeReaderTests
{
    [Fact]
    public void A_web_page_keeps_its_headings_lists_and_tables_and_loses_the_rest()
    {
        var file = Read("help.html", """
            <html><head><title>x</title><meta name="roles" content="operator, adjuster"><style>p{}</style></head><body><nav>Menu</nav>
            <h1>Cards</h1><p>Freeze&nbsp;the <b>card</b>
               at once.</p><h2>You need</h2><ul><li>a passport</li><li><p>a form &amp; a pen</p></li></ul>
            <table><tr><th>Card</th><th>Price</th></tr><tr><td>Second</td><td>5.00 EUR</td></tr></table><script>alert(1)</script></body></html>
            """);
        Assert.Equal("# Cards\n\nFreeze the card at once.\n\n## You need\n\n- a passport\n- a form & a pen\n\n| Card | Price |\n| Second | 5.00 EUR |\n", file.Text);
        Assert.Equal(["adjuster", "operator"], file.Roles);
        Assert.Equal(["Cards", "Cards > You need"], Chunks.Of(file).Select(c => c.Section));
    }

    [Fact]
    public void A_Word_document_keeps_its_headings_lists_and_tables()
    {
        using var stream = new MemoryStream();
        using (var document = WordprocessingDocument.Create(stream, WordprocessingDocumentType.Document))
            document.AddMainDocumentPart().Document = new Document(new Body(
                Styled("Heading1", "Fees"), Styled(null, "The overdraft costs 9.9 percent."), Styled("ListBullet", "first"), Styled("ListBullet", "second"),
                new Table(new TableRow(new TableCell(Styled(null, "Card")), new TableCell(Styled(null, "5.00 EUR"))))));
        var file = KnowledgeReader.Read("fees.docx", stream.ToArray(), ["operator"]);
        Assert.Equal("# Fees\n\nThe overdraft costs 9.9 percent.\n\n- first\n- second\n\n| Card | 5.00 EUR |\n", file.Text);
        Assert.Equal(["operator"], file.Roles);
    }

    [Fact]
    public void Plain_text_is_cut_at_blank_lines_under_its_title()
    {
        var file = Read("note.txt", "Opening hours\n\n# this is no heading here.\nMonday to Friday.\n\n" + string.Concat(Enumerable.Repeat("A sentence of some length stands here. ", 40)));
        var chunks = Chunks.Of(file);
        Assert.All(chunks, c => Assert.Equal("Opening hours", c.Section));
        Assert.All(chunks, c => Assert.True(c.End - c.Start <= 700));
        Assert.StartsWith("# this is no heading", file.Text[chunks[0].Start..chunks[0].End], StringComparison.Ordinal);
        Assert.True(chunks.Count >= 3);
    }

    [Fact]
    public void Front_matter_says_who_may_read_a_document() =>
        Assert.Equal(["operator"], Read("a.md", "---\ntitle: x\nroles: [operator]\n---\n\n# A\n\nText.").Roles);

    [Theory]
    [InlineData("a.pdf", "text", "a.pdf: this kind of file is not read. Send .md, .html, .txt or .docx.")]
    [InlineData("a.docx", "no zip", "a.docx: this is no readable Word document")]
    [InlineData("a.md", " \n ", "a.md: there is no text in it.")]
    [InlineData("a.md", "---\nroles: [king]\n---\nText.", "a.md: there is no role `king`")]
    [InlineData("a.md", "---\nroles: {a: b}\n---\nText.", "a.md: `roles` in the front matter must be a list")]
    [InlineData("a.md", "---\nroles: [a\n---\nText.", "a.md: the front matter is no YAML")]
    public void What_cannot_be_read_is_refused_by_name(string path, string content, string reason) =>
        Assert.StartsWith(reason, Assert.Throws<InvalidDataException>(() => Read(path, content)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_page_nested_without_end_is_refused_and_broken_UTF8_too()
    {
        Assert.StartsWith("a.html: ", Assert.Throws<InvalidDataException>(() => Read("a.html", string.Concat(Enumerable.Repeat("<div>", 100_000)) + "x")).Message, StringComparison.Ordinal);
        Assert.Contains("not UTF-8", Assert.Throws<InvalidDataException>(() => KnowledgeReader.Read("a.txt", new byte[] { 0xC3, 0x28 }, null)).Message, StringComparison.Ordinal);
    }

    static KnowledgeFile Read(string path, string content) => KnowledgeReader.Read(path, Encoding.UTF8.GetBytes(content), null);

    static Paragraph Styled(string? style, string text) =>
        new(new ParagraphProperties(style is null ? [] : [new ParagraphStyleId { Val = style }]), new Run(new Text(text)));
}
