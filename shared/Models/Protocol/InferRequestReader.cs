using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace AiOs.Models.Protocol;

/// <summary>Reads inference requests: JSON, and behind it the binary tensors of the extension. Everything a request says about its own lengths is checked here.
/// Sources: kserve/open-inference-protocol, specification/protocol/inference_rest.md; Triton's docs/protocol/extension_binary_data.md.</summary>
static class InferRequestReader
{
    const int MostDimensions = 8, MostTensors = 64;
    const long MostElements = int.MaxValue / 8;
    static readonly JsonReaderOptions strict = new() { MaxDepth = 32 };

    /// <summary>Reads <paramref name="body"/>, whose first <paramref name="headerLength"/> bytes are JSON. The tensors of the result point into it.</summary>
    /// <exception cref="ProtocolException">The request contradicts itself.</exception>
    public static InferRequest Read(ReadOnlyMemory<byte> body, int headerLength)
    {
        var request = new InferRequest();
        var binary = new BinaryPart(body[headerLength..]);
        try
        {
            var json = new Utf8JsonReader(body.Span[..headerLength], strict);
            Expect.That(json.Read() && json.TokenType == JsonTokenType.StartObject, "The request has to be a JSON object.");
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
                Property(ref json, request, binary);
            if (json.Read())
                throw ProtocolException.Bad("There is something behind the JSON object of the request.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw ProtocolException.Bad($"The request is not valid JSON of an inference request: {e.Message}");
        }
        Expect.That(request.Inputs.Count > 0, "The request has no inputs.");
        Expect.That(binary.Left == 0, $"{binary.Left} bytes of binary data belong to no input: the binary_data_size of the inputs have to add up to the body behind the JSON.");
        return request;
    }

    static void Property(ref Utf8JsonReader json, InferRequest request, BinaryPart binary)
    {
        if (json.ValueTextEquals("id"u8))
            request.Id = Text(ref json, "id");
        else if (json.ValueTextEquals("inputs"u8))
            Each(ref json, "inputs", (ref element) => request.Inputs.Add(Input(ref element, binary)), () => request.Inputs.Count);
        else if (json.ValueTextEquals("outputs"u8))
            Each(ref json, "outputs", (ref element) => request.Outputs.Add(Output(ref element)), () => request.Outputs.Count);
        else if (json.ValueTextEquals("parameters"u8))
            Parameters(ref json, (ref value, name) =>
            {
                if (name == "binary_data_output")
                    request.BinaryOutput = value.GetBoolean();
                else if (name == "timeout")
                    request.Timeout = value.TryGetInt64(out var microseconds) && microseconds is > 0 and <= 86_400_000_000 ? TimeSpan.FromMicroseconds(microseconds) : throw ProtocolException.Bad("The parameter 'timeout' has to be a whole number of microseconds, from 1 to a day.");
            });
        else
            Skip(ref json);
    }

    delegate void Element(ref Utf8JsonReader json);

    delegate void Parameter(ref Utf8JsonReader json, string name);

    static void Each(ref Utf8JsonReader json, string what, Element read, Func<int> count)
    {
        json.Read();
        Expect.That(json.TokenType == JsonTokenType.StartArray, $"'{what}' has to be an array.");
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            var number = count();
            try
            {
                Expect.That(json.TokenType == JsonTokenType.StartObject, $"Every one of '{what}' has to be an object.");
                Expect.That(number < MostTensors, $"'{what}' has more than {MostTensors} elements.");
                read(ref json);
            }
            catch (ProtocolException e)
            {
                throw new ProtocolException(e.Status, e.Message) { Field = string.Create(CultureInfo.InvariantCulture, $"{what}[{number}]") };
            }
        }
    }

    static Tensor Input(ref Utf8JsonReader json, BinaryPart binary)
    {
        string? name = null;
        DataType? type = null;
        long[]? shape = null;
        long? size = null;
        Utf8JsonReader data = default;
        var (hasData, hasParameters) = (false, false);
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            if (json.ValueTextEquals("name"u8))
            {
                Once("name", name is not null, name);
                name = Text(ref json, "name");
            }
            else if (json.ValueTextEquals("datatype"u8))
            {
                Once("datatype", type is not null, name);
                type = Text(ref json, "datatype") is var word && DataTypes.Parse(word) is { } known ? known : throw ProtocolException.Bad($"The datatype '{word}' is not known.");
            }
            else if (json.ValueTextEquals("shape"u8))
            {
                Once("shape", shape is not null, name);
                shape = Shape(ref json);
            }
            else if (json.ValueTextEquals("parameters"u8))
            {
                Once("parameters", hasParameters, name);
                hasParameters = true;
                Parameters(ref json, (ref value, parameter) => size = parameter == "binary_data_size" ? value.GetInt64() : size);
            }
            else if (json.ValueTextEquals("data"u8))
            {
                Once("data", hasData, name);
                json.Read();
                data = json;   // a copy: type and shape may stand behind it
                hasData = true;
                json.Skip();
            }
            else
                Skip(ref json);
        Expect.That(name is { Length: > 0 }, "An input has no name.");
        var (known2, lengths) = (type ?? throw ProtocolException.Bad($"Input '{name}' has no datatype."), shape ?? throw ProtocolException.Bad($"Input '{name}' has no shape."));
        Expect.That(lengths.AsSpan().LastIndexOf(0L) <= 0, $"The shape of input '{name}' is [{string.Join(", ", lengths)}]: only its first dimension may be 0, where there are no rows.");
        Expect.That(hasData != size is not null, $"Input '{name}' needs either data or the parameter binary_data_size.");
        var tensor = new Tensor(name!, known2, lengths, default);
        return size is { } bytes
            ? tensor with { Data = Checked(tensor, binary.Take(name!, bytes)) }
            : tensor with { Data = Converted(tensor, ref data) };
    }

    /// <summary>Which of two a server heeds nobody knows.</summary>
    static void Once(string member, bool stands, string? input) => Expect.That(!stands, $"'{member}' stands twice in {(input is null ? "an input" : $"input '{input}'")}.");

    static ReadOnlyMemory<byte> Converted(Tensor tensor, ref Utf8JsonReader data)
    {
        var bytes = new ArrayBufferWriter<byte>(64);
        var count = JsonTensor.Read(ref data, tensor.Name, tensor.Type, tensor.Shape, tensor.Count, bytes);
        Expect.That(count == tensor.Count, $"Input '{tensor.Name}' has {count} elements, its shape [{string.Join(", ", tensor.Shape)}] holds {tensor.Count}.");
        return bytes.WrittenMemory;
    }

    static ReadOnlyMemory<byte> Checked(Tensor tensor, ReadOnlyMemory<byte> data)
    {
        if (tensor.Type == DataType.Bytes)
        {
            Expect.That(Elements(data.Span) == tensor.Count, $"The binary data of input '{tensor.Name}' is not {tensor.Count} elements, each a 4-byte length and that many bytes.");
            return data;
        }
        Expect.That(data.Length == tensor.Count * tensor.Type.Size,
            $"The binary data of input '{tensor.Name}' has {data.Length} bytes; its shape [{string.Join(", ", tensor.Shape)}] of {tensor.Type.Word} needs {tensor.Count * tensor.Type.Size}.");
        Expect.That(IsProper(tensor.Type, data.Span), $"Input '{tensor.Name}' holds what is no {(tensor.Type == DataType.Bool ? "BOOL (0 or 1)" : "finite number (NaN or infinite)")}.");
        return data;
    }

    static long Elements(ReadOnlySpan<byte> data)
    {
        var count = 0L;
        for (; data.Length >= sizeof(uint); count++)
        {
            var length = BinaryPrimitives.ReadUInt32LittleEndian(data);
            if (length > data.Length - sizeof(uint))
                return -1;
            data = data[(sizeof(uint) + (int)length)..];
        }
        return data.IsEmpty ? count : -1;
    }

    static bool IsProper(DataType type, ReadOnlySpan<byte> data) => type switch
    {
        DataType.Bool => data.IndexOfAnyExceptInRange((byte)0, (byte)1) < 0,
        DataType.Fp16 => AllFinite<Half>(data),
        DataType.Fp32 => AllFinite<float>(data),
        DataType.Fp64 => AllFinite<double>(data),
        _ => true,
    };

    static bool AllFinite<T>(ReadOnlySpan<byte> data) where T : unmanaged, System.Numerics.INumberBase<T>
    {
        foreach (var value in MemoryMarshal.Cast<byte, T>(data))
            if (!T.IsFinite(value))
                return false;
        return true;
    }

    static long[] Shape(ref Utf8JsonReader json)
    {
        json.Read();
        Expect.That(json.TokenType == JsonTokenType.StartArray, "A shape has to be an array.");
        var lengths = new long[MostDimensions];
        var (rank, count) = (0, 1L);
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            Expect.That(rank < MostDimensions, $"A shape has more than {MostDimensions} dimensions.");
            Expect.That(json.TokenType == JsonTokenType.Number && json.TryGetInt64(out lengths[rank]) && lengths[rank] is >= 0 and <= MostElements, "A dimension has to be a whole number that is not negative.");
            count *= Math.Max(1, lengths[rank++]);   // where one is 0 the others are still lengths that somebody may reserve room for
            Expect.That(count <= MostElements, $"A shape holds more than {MostElements} elements.");
        }
        return lengths[..rank];
    }

    static WantedOutput Output(ref Utf8JsonReader json)
    {
        string? name = null;
        bool? binary = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            if (json.ValueTextEquals("name"u8))
                name = Text(ref json, "name");
            else if (json.ValueTextEquals("parameters"u8))
                Parameters(ref json, (ref value, parameter) => binary = parameter switch
                {
                    "binary_data" => value.GetBoolean(),
                    "classification" => throw ProtocolException.Bad("The classification extension is not offered."),
                    _ => binary,
                });
            else
                Skip(ref json);
        return new(name ?? throw ProtocolException.Bad("An output has no name."), binary);
    }

    static void Parameters(ref Utf8JsonReader json, Parameter read)
    {
        json.Read();
        Expect.That(json.TokenType == JsonTokenType.StartObject, "'parameters' has to be an object.");
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var name = json.GetString()!;
            json.Read();
            Expect.That(json.TokenType is JsonTokenType.String or JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False, $"The parameter '{name}' has to be a string, a number or a boolean.");
            read(ref json, name);
        }
    }

    static string Text(ref Utf8JsonReader json, string what)
    {
        json.Read();
        Expect.That(json.TokenType == JsonTokenType.String, $"'{what}' has to be a string.");
        return json.GetString()!;
    }

    static void Skip(ref Utf8JsonReader json)
    {
        json.Read();
        json.Skip();
    }

    /// <summary>The body behind the JSON, given out in the order of the inputs.</summary>
    sealed class BinaryPart(ReadOnlyMemory<byte> all)
    {
        ReadOnlyMemory<byte> rest = all;

        public int Left => rest.Length;

        public ReadOnlyMemory<byte> Take(string input, long size)
        {
            Expect.That(size >= 0 && size <= rest.Length, $"Input '{input}' claims {size} bytes of binary data; {rest.Length} are left in the body.");
            var taken = rest[..(int)size];
            rest = rest[(int)size..];
            return taken;
        }
    }
}
