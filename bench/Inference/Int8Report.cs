using System.Globalization;
using AiOs.Models.Parity;
using Spectre.Console;

namespace AiOs.Bench.Inference;

/// <summary>Both versions at one batch size, sentences a second.</summary>
/// <param name="Way">How batches are made.</param>
/// <param name="Speedup">The median of the ratios of the rounds.</param>
sealed record Int8Level(int Batch, string Way, Spread Float32, Spread Int8, double Speedup);

/// <summary>What <c>aios bench inference --int8</c> found.</summary>
/// <param name="Int8Speedup">At batch 1.</param>
/// <param name="MeanCosine">Of the vectors of both, over the golden set.</param>
/// <param name="Bytes">Size of the 8-bit file.</param>
/// <param name="Float32Bytes">Size of the original.</param>
sealed record Int8Report(double Int8Speedup, double MeanCosine, long Bytes, long Float32Bytes, GateRecord Gate, double Seconds, int Rounds, double MeanTokens, IReadOnlyList<Int8Level> Levels, Machine Machine)
{
    /// <summary>For a person.</summary>
    public void Write(IAnsiConsole console)
    {
        console.WriteLine(Machine.ToString());
        console.WriteLine(Text($"{Rounds} rounds of {Seconds:0.#} s each; in process, one run on one thread, {MeanTokens:0.0} tokens on average."));
        console.WriteLine(Text($"Gate passed: {Gate.Figures} on {Gate.Pieces} sentences. {Bytes / 1e6:0.00} MB instead of {Float32Bytes / 1e6:0.00}."));
        var table = new Table().AddColumn(new TableColumn("batch").RightAligned()).AddColumn("");
        foreach (var name in new[] { "float32 per s", "spread", "int8 per s", "spread", "faster" })
            table.AddColumn(new TableColumn(name).RightAligned());
        foreach (var level in Levels)
            table.AddRow(Text($"{level.Batch}"), level.Way, Text($"{level.Float32.Median:0}"), Range(level.Float32), Text($"{level.Int8.Median:0}"), Range(level.Int8), Text($"{level.Speedup:0.00}x"));
        console.Write(table);
    }

    static string Range(Spread spread) => Text($"{spread.Lowest:0}-{spread.Highest:0}");

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
