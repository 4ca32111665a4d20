using System.Buffers;
using System.Text.Json;
using AiOs.Models.Protocol;
using AiOs.Serving.Chat;
using AiOs.Serving.Wire;

namespace AiOs.Serving.Backends;

/// <summary>Named tensors in the form of Azure ML's scoring servers (learn.microsoft.com/azure/machine-learning/how-to-deploy-mlflow-models-online-endpoints, "input_data"):
/// one column a name where each is one number or text a row, else nested arrays by name.</summary>
static class AzureMlTensors
{
    /// <summary>What an answer that is a list by itself is called.</summary>
    public const string Unnamed = "predictions";

    /// <summary>The largest body of a request in bytes: brackets can make much of few numbers.</summary>
    const long MostBytes = 32 * 1024 * 1024;

    /// <summary>The body of a request.</summary>
    /// <exception cref="ModelException">It would be too large.</exception>
    public static ReadOnlyMemory<byte> Write(IReadOnlyList<Tensor> inputs)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject("input_data"u8);
            if (inputs.All(input => input.Shape is [_] or [_, 1] && input.Shape[0] == inputs[0].Shape[0]))
                Table(json, inputs);
            else
                foreach (var input in inputs)
                {
                    json.WritePropertyName(input.Name);
                    var (elements, next) = (Elements(input), 0);
                    Nested(json, input.Shape, elements, ref next);
                }
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return buffer.WrittenMemory;
    }

    /// <summary>The outputs of an answer: a list (of numbers, texts, truths, lists of numbers, or records), or an object of such lists.</summary>
    /// <exception cref="ModelException">It is neither.</exception>
    public static IReadOnlyList<Tensor> Read(ReadOnlyMemory<byte> answer)
    {
        try
        {
            using var document = TensorAnswers.Parse(answer);
            var root = document.RootElement;
            IReadOnlyList<Tensor> read = root.ValueKind switch
            {
                JsonValueKind.Array when root.GetArrayLength() > 0 && root[0].ValueKind == JsonValueKind.Object => Columns(root),
                JsonValueKind.Array => [Output(Unnamed, [.. root.EnumerateArray()])],
                JsonValueKind.Object => [.. root.EnumerateObject().Where(member => member.Value.ValueKind == JsonValueKind.Array).Select(member => Output(member.Name, [.. member.Value.EnumerateArray()]))],
                _ => [],
            };
            return read.Count > 0 ? read : throw Broken();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
#pragma warning disable MA0054 // Without the cause: its message quotes the endpoint.
            throw Broken();
#pragma warning restore MA0054
        }
    }

    /// <summary>Each row is read once: finding a member looks at those before it.</summary>
    static IReadOnlyList<Tensor> Columns(JsonElement rows)
    {
        var columns = new OrderedDictionary<string, List<JsonElement>>(StringComparer.Ordinal);
        foreach (var column in rows[0].EnumerateObject())
            if (!columns.TryAdd(column.Name, []))
                throw Broken();
        foreach (var row in rows.EnumerateArray())
            foreach (var value in row.EnumerateObject())
                if (columns.TryGetValue(value.Name, out var column))
                    column.Add(value.Value);
        return columns.Values.All(column => column.Count == rows.GetArrayLength()) ? [.. columns.Select(column => Output(column.Key, [.. column.Value]))] : throw Broken();
    }

    static void Table(Utf8JsonWriter json, IReadOnlyList<Tensor> inputs)
    {
        var columns = inputs.Select(Elements).ToList();
        json.WriteStartArray("columns"u8);
        foreach (var input in inputs)
            json.WriteStringValue(input.Name);
        json.WriteEndArray();
        json.WriteStartArray("index"u8);
        for (var row = 0; row < inputs[0].Shape[0]; row++)
            json.WriteNumberValue(row);
        json.WriteEndArray();
        json.WriteStartArray("data"u8);
        for (var row = 0; row < inputs[0].Shape[0]; row++)
        {
            json.WriteStartArray();
            foreach (var column in columns)
                column[row].WriteTo(json);
            json.WriteEndArray();
            CheckSize(json);
        }
        json.WriteEndArray();
    }

    static void Nested(Utf8JsonWriter json, ReadOnlySpan<long> shape, JsonElement[] elements, ref int next)
    {
        if (shape.Length == 0)
        {
            elements[next++].WriteTo(json);
            return;
        }
        json.WriteStartArray();
        for (var i = 0; i < shape[0]; i++)
            Nested(json, shape[1..], elements, ref next);
        json.WriteEndArray();
        CheckSize(json);
    }

    static void CheckSize(Utf8JsonWriter json)
    {
        if (json.BytesCommitted + json.BytesPending > MostBytes)
            throw new ModelException(ModelFailure.Rejected, $"In the form of Azure ML the inputs have more than {MostBytes} bytes; send fewer rows a request, or shapes with fewer dimensions.") { Status = 400, Param = "inputs" };
    }

    static JsonElement[] Elements(Tensor tensor)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            JsonElements.Write(json, tensor);
            json.WriteEndArray();
        }
        return [.. JsonElement.Parse(buffer.WrittenSpan).EnumerateArray()];
    }

    static Tensor Output(string name, JsonElement[] items)
    {
        if (name.Length is 0 or > TensorWire.LongestName)
            throw Broken();
        Array.ForEach(items, TensorAnswers.Check);
        return Typed(name, items);
    }

    static Tensor Typed(string name, JsonElement[] items) => items switch
    {
        [] => throw Broken(),
        _ when Array.TrueForAll(items, item => item.ValueKind == JsonValueKind.Number) => Numbers(name, [items.Length], items),
        _ when Array.TrueForAll(items, item => item.ValueKind == JsonValueKind.String) => Tensor.Of(name, [items.Length], items.Select(item => item.GetString()!)),
        _ when Array.TrueForAll(items, item => item.ValueKind is JsonValueKind.True or JsonValueKind.False) => new(name, DataType.Bool, [items.Length], Array.ConvertAll(items, item => item.GetBoolean() ? (byte)1 : (byte)0)),
        _ when items[0].ValueKind == JsonValueKind.Array && Array.TrueForAll(items, item => item.GetArrayLength() == items[0].GetArrayLength()) => Numbers(name, [items.Length, items[0].GetArrayLength()], [.. items.SelectMany(item => item.EnumerateArray())]),
        _ => throw Broken(),
    };

    /// <summary>FP64, or INT64 where all are whole and FP64 would change one.</summary>
    static Tensor Numbers(string name, long[] shape, JsonElement[] numbers)
    {
        if (Array.Exists(numbers, number => number.TryGetInt64(out var whole) && (Int128)number.GetDouble() != whole) && Array.TrueForAll(numbers, number => number.TryGetInt64(out _)))
            return new(name, DataType.Int64, shape, System.Runtime.InteropServices.MemoryMarshal.AsBytes<long>(Array.ConvertAll(numbers, number => number.GetInt64())).ToArray());
        var into = new byte[numbers.Length * sizeof(double)];
        for (var i = 0; i < numbers.Length; i++)
            if (!(numbers[i].TryGetDouble(out var number) && double.IsFinite(number) && BitConverter.TryWriteBytes(into.AsSpan(i * sizeof(double)), number)))
                throw Broken();
        return new(name, DataType.Fp64, shape, into);
    }

    static ModelException Broken() => new(ModelFailure.Broken, "The answer holds no list of numbers, texts or records.");
}
