using AiOs.Agents.Generation.Grounded;

namespace AiOs.Agents.Generation;

/// <summary>A sentence that supports an answer.</summary>
/// <param name="Document">Path of the file.</param>
/// <param name="Section">Headings above the quote, outermost first.</param>
/// <param name="Quote">Literally what stands from <paramref name="Start"/> to <paramref name="End"/> in the document.</param>
/// <param name="Start">UTF-16 offset in the document.</param>
/// <param name="End">UTF-16 offset after the last character.</param>
/// <param name="Score">How well it supports the answer, in [0, 1].</param>
public sealed record Citation(string Document, string Section, string Quote, int Start, int End, double Score);

/// <summary>An answer with its sources, or the statement that there is none.</summary>
/// <param name="Text">The quoted sentences without Markdown marks, or those of a model; empty when abstained.</param>
/// <param name="Citations">One per quoted sentence, in the order of <paramref name="Text"/>; empty when abstained.</param>
/// <param name="Support">How well the sources support an answer, in [0, 1]; also given when abstained.</param>
/// <param name="Abstained">Whether the support was too weak to answer.</param>
public sealed record Answer(string Text, IReadOnlyList<Citation> Citations, double Support, bool Abstained)
{
    /// <summary>How it came about; null where no model was asked.</summary>
    public AnswerOrigin? Origin { get; init; }
}
