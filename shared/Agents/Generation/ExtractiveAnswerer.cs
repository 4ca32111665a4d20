using System.Numerics.Tensors;
using AiOs.Agents.Retrieval;
using AiOs.Models;
using Microsoft.Extensions.AI;

namespace AiOs.Agents.Generation;

/// <summary>Answers in the words of the sources: quotes the sentences that support an answer best, or says that there is none.</summary>
public sealed class ExtractiveAnswerer(IEmbeddingGenerator<string, Embedding<float>> encoder, GenerationOptions options)
{
    const int MostCandidates = 200;
    const int RememberedPassages = 4096;
    readonly SentenceVectors vectors = new(encoder, options.MostVectors);
    readonly RecentlyUsed<IReadOnlyList<(int Start, int End, string Plain)>> read = new(RememberedPassages);

    /// <summary>The answer that <paramref name="passages"/> support; abstained where they do not.</summary>
    /// <param name="question">Any text; the first 2,000 characters count.</param>
    /// <param name="passages">What <see cref="KnowledgeSearch"/> found, best first.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public async Task<Answer> AnswerAsync(string question, IReadOnlyList<Passage> passages, CancellationToken cancellationToken)
    {
        question = QueryText.Read(question);
        var sentences = passages.SelectMany(SentencesOf).DistinctBy(s => (s.Passage.Document, s.Start)).Take(MostCandidates).ToList();
        if (sentences.Count == 0 || !QueryText.IsLegible(question))
            return new Answer("", [], 0, Abstained: true);
        var words = new QuestionWords(WhatIsAsked.Told(question), passages);
        var known = await vectors.OfAsync(question, [.. sentences.Select(s => s.InContext), .. words.Words, .. sentences.SelectMany(s => s.Words)], cancellationToken);
        var supported = sentences.Select(s => (Sentence: s, Support: Supports(s, known, words, question))).OrderByDescending(s => s.Support).ToList();
        var best = supported[0];
        if (best.Support < options.LeastSupport)
            return new Answer("", [], best.Support, Abstained: true);
        var quoted = supported.TakeWhile(s => s.Support >= Math.Max(options.LeastSupport, best.Support * options.ShareOfBest))
            .Where(s => s.Sentence.Passage.Document == best.Sentence.Passage.Document)
            .Take(options.MostSentences).OrderBy(s => s.Sentence.Start).ToList();
        return new Answer(
            string.Join(' ', quoted.Select(q => Ended(q.Sentence.Plain))),
            [.. quoted.Select(q => new Citation(q.Sentence.Passage.Document, q.Sentence.Passage.Section, q.Sentence.Quote, q.Sentence.Start, q.Sentence.End, q.Support))],
            best.Support,
            Abstained: false);
    }

    static double Supports(SourceSentence sentence, IReadOnlyDictionary<string, ReadOnlyMemory<float>> vectors, QuestionWords words, string question) => Support.Of(
        Math.Max(0, TensorPrimitives.Dot(vectors[question].Span, vectors[sentence.InContext].Span)), words.Coverage(sentence), words.Meaning(sentence, w => vectors[w]), sentence.Passage.Score, words.Unknown, words.Words.Count);

    IEnumerable<SourceSentence> SentencesOf(Passage passage) =>
        read.GetOrMake(passage.Text, Read).Select(s => new SourceSentence(passage, passage.Text[s.Start..s.End], passage.Start + s.Start, s.Plain));

    static IReadOnlyList<(int Start, int End, string Plain)> Read(string text) => [.. Sentences.Of(text).Select(s => (s.Start, s.End, MarkdownText.Plain(text[s.Start..s.End])))];

    /// <summary>An item of a list ends like a sentence when it stands alone.</summary>
    static string Ended(string plain) => plain.Length > 0 && char.IsLetterOrDigit(plain[^1]) ? plain + "." : plain;
}

/// <summary>A sentence that may be quoted.</summary>
sealed record SourceSentence(Passage Passage, string Quote, int Start, string Plain)
{
    public int End => Start + Quote.Length;

    /// <summary>The sentence under the heading nearest to it, as the encoder reads it.</summary>
    public string InContext { get; } = Passage.Section.Length == 0 ? Plain : Passage.Section.Split(" > ")[^1] + ". " + Plain;

    /// <summary>Its telling words and those of its headings.</summary>
    public IEnumerable<string> Words => QuestionWords.Telling(Plain).Concat(QuestionWords.Telling(Passage.Section));
}
