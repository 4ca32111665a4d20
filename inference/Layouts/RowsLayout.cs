using AiOs.Inference.Batching;
using AiOs.Models.Protocol;
using Microsoft.ML.OnnxRuntime;

namespace AiOs.Inference.Layouts;

/// <summary>Tensors as the model declares them. Where the first dimension of every input and output is free, it counts rows, and requests whose other dimensions agree run together.</summary>
sealed class RowsLayout(TensorMetadata[] inputs, TensorMetadata[] outputs, int mostRows) : ILayout
{
    readonly bool batches = Array.TrueForAll([.. inputs, .. outputs], tensor => tensor.Shape is [-1, ..]);

    public IReadOnlyList<TensorMetadata> Inputs => inputs;

    public IReadOnlyList<TensorMetadata> Outputs => outputs;

    public Work Prepare(InferRequest request)
    {
        foreach (var given in request.Inputs)
            Expect.That(Array.Exists(inputs, input => input.Name == given.Name), $"The model has no input '{given.Name}'; its inputs are: {string.Join(", ", inputs.Select(input => input.Name))}.");
        Expect.That(request.Inputs.Count == inputs.Length && request.Inputs.DistinctBy(input => input.Name).Count() == inputs.Length,
            $"The model needs each of these inputs once: {string.Join(", ", inputs.Select(input => input.Name))}.");
        Tensor[] given2 = [.. inputs.Select(input => Checked(input, request.Inputs.Find(tensor => tensor.Name == input.Name)!))];
        if (!batches)
            return new Tensors(given2, 1, 1);
        var rows = given2[0].Shape[0];
        Expect.That(rows > 0, "The request has no rows.");
        Expect.That(rows <= mostRows, $"The request has more rows than this model takes at once ({mostRows}): send several requests.");
        Expect.That(Array.TrueForAll(given2, tensor => tensor.Shape[0] == rows), "The inputs differ in their number of rows (the first dimension).");
        return new Tensors(given2, (int)rows, (int)Math.Min(int.MaxValue / Math.Max(1, rows), Length(given2)));
    }

    public bool Together(Work one, Work other) => batches && ((Tensors)one).Inputs.Zip(((Tensors)other).Inputs).All(pair => pair.First.Shape.AsSpan(1).SequenceEqual(pair.Second.Shape.AsSpan(1)));

    public void Run(IReadOnlyList<Work> batch, Runner runner)
    {
        var values = new OrtValue[inputs.Length];
        try
        {
            for (var i = 0; i < inputs.Length; i++)
                values[i] = Joined(i, batch);
            using var results = runner.Run([.. inputs.Select(input => input.Name)], values);
            var first = 0;
            foreach (var work in batch)
            {
                var start = first;
                work.Complete([.. outputs.Select((output, i) => batches ? Runner.Rows(output, results[i], start, work.Rows) : Runner.Whole(output, results[i]))]);
                first += work.Rows;
            }
        }
        finally
        {
            foreach (var value in values)
                value?.Dispose();
        }
    }

    public IEnumerable<Work> WarmUp()
    {
        foreach (var rows in batches ? new[] { 1, 4 } : [1])
            yield return new Tensors([.. inputs.Select(input => Zeros(input, rows))], rows, 1);
    }

    static Tensor Zeros(TensorMetadata input, int rows)
    {
        var tensor = new Tensor(input.Name, input.Type, [.. input.Shape.Select((length, i) => length >= 0 ? length : i == 0 ? rows : 1)], default);
        return tensor with { Data = new byte[tensor.Count * input.Type.Size] };
    }

    static Tensor Checked(TensorMetadata input, Tensor given)
    {
        Expect.That(given.Type == input.Type, $"Input '{input.Name}' has to be {input.Type.Word}, not {given.Type.Word}.");
        var fits = given.Shape.Length == input.Shape.Length;
        for (var i = 0; fits && i < input.Shape.Length; i++)
            fits = input.Shape[i] < 0 || input.Shape[i] == given.Shape[i];
        Expect.That(fits, $"Input '{input.Name}' has to have the shape [{string.Join(", ", input.Shape)}] (-1 is any length), not [{string.Join(", ", given.Shape)}].");
        return given;
    }

    // The free dimensions behind the first are what a sequence model reads token by token.
    long Length(Tensor[] given) => inputs.Zip(given).Max(pair => pair.First.Shape.Select((length, i) => i > 0 && length < 0 ? Math.Max(1, pair.Second.Shape[i]) : 1).Aggregate(1L, (product, length) => product * length));

    OrtValue Joined(int input, IReadOnlyList<Work> batch)
    {
        var parts = batch.Select(work => ((Tensors)work).Inputs[input]).ToArray();
        var shape = parts[0].Shape.ToArray();
        if (parts.Length > 1)
            shape[0] = parts.Sum(part => part.Shape[0]);
        var value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, inputs[input].Type.Element, shape);
        var into = value.GetTensorMutableRawData();
        foreach (var part in parts)
        {
            part.Data.Span.CopyTo(into);
            into = into[part.Data.Length..];
        }
        return value;
    }

    sealed class Tensors(Tensor[] inputs, int rows, int length) : Work(rows, length)
    {
        public Tensor[] Inputs { get; } = inputs;
    }
}
