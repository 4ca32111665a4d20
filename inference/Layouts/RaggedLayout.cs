using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using AiOs.Inference.Batching;
using AiOs.Models.Protocol;
using AiOs.Models.Sentences;
using Microsoft.ML.OnnxRuntime;

namespace AiOs.Inference.Layouts;

/// <summary>Sequences of different lengths as one list of tokens (<c>values</c>) with the row and column of each (<c>indices</c>), as the sentence encoder takes them; or, where a
/// tokenizer stands beside the model, as <c>text</c>. The graph pads rows to the longest of the batch, so a batch costs rows times longest. A row without tokens gives zeros.</summary>
sealed class RaggedLayout : ILayout
{
    const string Indices = "indices", Values = "values", Text = "text";
    readonly UnigramTokenizer? tokenizer;
    readonly TensorMetadata[] outputs;
    readonly int mostRows;

    /// <exception cref="InvalidDataException">The session is not of this layout.</exception>
    public RaggedLayout(TensorMetadata[] inputs, TensorMetadata[] outputs, UnigramTokenizer? tokenizer, int mostRows)
    {
        (this.outputs, this.tokenizer, this.mostRows) = (outputs, tokenizer, mostRows);
        if (!Array.Exists(inputs, input => input is { Name: Indices, Type: DataType.Int64 }) || !Array.Exists(inputs, input => input is { Name: Values, Type: DataType.Int64 }) || inputs.Length != 2)
            throw new InvalidDataException($"The layout is ragged, so its inputs have to be '{Indices}' [-1, 2] and '{Values}' [-1] of INT64.");
        if (Array.Exists(outputs, output => output.Shape.Length < 1 || output.Shape.AsSpan(1).Contains(-1)))
            throw new InvalidDataException("The layout is ragged, so every output has to have one row for each sequence and otherwise fixed lengths.");
        Inputs = tokenizer is null ? inputs : [new(Text, DataType.Bytes, [-1]), .. inputs];
    }

    public IReadOnlyList<TensorMetadata> Inputs { get; }

    public IReadOnlyList<TensorMetadata> Outputs => outputs;

    public Work Prepare(InferRequest request)
    {
        if (request.Inputs is [{ Name: Text } text])
            return new Sequences(Tokenize(text));
        Expect.That(request.Inputs.Count == 2 && request.Inputs.Exists(input => input.Name == Indices) && request.Inputs.Exists(input => input.Name == Values),
            $"The inputs have to be {(tokenizer is null ? "" : $"'{Text}' alone, or ")}'{Indices}' and '{Values}'; there were: {string.Join(", ", request.Inputs.Select(input => input.Name))}.");
        return new Sequences(Split(request.Inputs.Find(input => input.Name == Indices)!, request.Inputs.Find(input => input.Name == Values)!));
    }

    public bool Together(Work one, Work other) => true;

    public void Run(IReadOnlyList<Work> batch, Runner runner)
    {
        var (rows, total) = Fill(batch, runner);
        if (rows == 0)
        {
            foreach (var work in batch)
                work.Complete([.. outputs.Select(output => Zeros(output, work.Rows))]);
            return;
        }
        using var indices = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, runner.Positions.AsMemory(0, 2 * total), [total, 2]);
        using var values = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, runner.Tokens.AsMemory(0, total), [total]);
        using var results = runner.Run([Indices, Values], [indices, values]);
        var next = 0;
        foreach (var work in batch)
        {
            var sequences = ((Sequences)work).Rows;
            var filled = sequences.Count(sequence => sequence.Length > 0);
            var first = next;
            next += filled;
            work.Complete([.. outputs.Select((output, i) => filled == sequences.Length ? Runner.Rows(output, results[i], first, filled) : Spread(output, results[i], first, sequences))]);
        }
    }

    public IEnumerable<Work> WarmUp() => new[] { 1, 8, 32, 128 }.SelectMany(length => new[] { 1, 4 }.Select(rows => new Sequences([.. Enumerable.Repeat(new int[length], rows)])));

    static (int Rows, int Tokens) Fill(IReadOnlyList<Work> batch, Runner runner)
    {
        runner.Reserve(batch.Sum(work => ((Sequences)work).Rows.Sum(sequence => sequence.Length)));
        var (positions, tokens) = (runner.Positions, runner.Tokens);
        var (row, next) = (0, 0);
        foreach (var work in batch)
            foreach (var sequence in ((Sequences)work).Rows)
            {
                for (var column = 0; column < sequence.Length; column++, next++)
                    (positions[2 * next], positions[2 * next + 1], tokens[next]) = (row, column, sequence[column]);
                if (sequence.Length > 0)
                    row++;
            }
        return (row, next);
    }

    int[][] Tokenize(Tensor text)
    {
        Expect.That(tokenizer is not null, $"This model has no tokenizer: send '{Indices}' and '{Values}' instead of '{Text}'.");
        Expect.That(text.Type == DataType.Bytes, $"'{Text}' has to be BYTES, not {text.Type.Word}.");
        Expect.That(text.Shape.Length is 1 || text.Shape is [_, 1], $"'{Text}' has to have the shape [n] or [n, 1]: one string a row.");
        CheckRows(text.Shape[0]);
        var rows = new int[text.Shape[0]][];
        var data = text.Data.Span;
        for (var row = 0; row < rows.Length; row++)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(data);
            rows[row] = tokenizer.Encode(Decode(data.Slice(sizeof(int), length), row));
            data = data[(sizeof(int) + length)..];
        }
        return rows;
    }

    static string Decode(ReadOnlySpan<byte> utf8, int row)
    {
        Expect.That(System.Text.Unicode.Utf8.IsValid(utf8), $"Element {row} of '{Text}' is not valid UTF-8.");
        var text = Encoding.UTF8.GetString(utf8);
        return string.IsNullOrWhiteSpace(text) ? "" : text;
    }

    int[][] Split(Tensor indices, Tensor values)
    {
        Expect.That(indices.Type == DataType.Int64 && indices.Shape is [_, 2], $"'{Indices}' has to be INT64 of the shape [n, 2].");
        Expect.That(values.Type == DataType.Int64 && values.Shape is [var tokens] && tokens == indices.Shape[0], $"'{Values}' has to be INT64 of the shape [n], n as in '{Indices}'.");
        Expect.That(values.Shape[0] > 0, $"'{Values}' is empty.");
        var positions = MemoryMarshal.Cast<byte, long>(indices.Data.Span);
        var numbers = MemoryMarshal.Cast<byte, long>(values.Data.Span);
        List<int[]> rows = [];
        List<int> row = [];
        for (var i = 0; i < numbers.Length; i++)
        {
            if (positions[2 * i] == rows.Count + 1 && row.Count > 0)
            {
                rows.Add([.. row]);
                row.Clear();
                CheckRows(rows.Count + 1);
            }
            Expect.That(positions[2 * i] == rows.Count && positions[2 * i + 1] == row.Count, $"'{Indices}' has to list [row, column] in order without gaps; entry {i} is [{positions[2 * i]}, {positions[2 * i + 1]}].");
            Expect.That(numbers[i] is >= 0 and <= int.MaxValue, $"Entry {i} of '{Values}' is no token number.");
            Expect.That(row.Count < UnigramTokenizer.MaxTokens, $"Row {rows.Count} has more than {UnigramTokenizer.MaxTokens} tokens.");
            row.Add((int)numbers[i]);
        }
        return [.. rows, [.. row]];
    }

    void CheckRows(long rows)
    {
        Expect.That(rows > 0, "The request has no rows.");
        Expect.That(rows <= mostRows, $"The request has more rows than this model takes at once ({mostRows}): send several requests.");
    }

    static Tensor Zeros(TensorMetadata output, int rows)
    {
        long[] shape = [rows, .. output.Shape.AsSpan(1)];
        var empty = new Tensor(output.Name, output.Type, shape, default);
        return empty with { Data = new byte[empty.Count * output.Type.Size] };
    }

    static Tensor Spread(TensorMetadata output, OrtValue value, int first, int[][] sequences)
    {
        var all = Zeros(output, sequences.Length);
        var filled = sequences.Count(sequence => sequence.Length > 0);
        if (filled == 0)
            return all;
        var compact = Runner.Rows(output, value, first, filled).Data;
        var (into, width, next) = (new byte[all.Data.Length], compact.Length / filled, 0);
        for (var row = 0; row < sequences.Length; row++)
            if (sequences[row].Length > 0)
                compact.Span.Slice(next++ * width, width).CopyTo(into.AsSpan(row * width));
        return all with { Data = into };
    }

    sealed class Sequences(int[][] rows) : Work(rows.Length, rows.Max(row => row.Length))
    {
        public new int[][] Rows { get; } = rows;
    }
}
