namespace AiOs.Policies.Cel;

/// <summary>Recursive descent over the grammar of the CEL language definition. Source of at most 8,192 characters, nested at most 40 levels deep, tree at most 160 levels;
/// time is linear in the source. Every refusal is a <see cref="CelException"/> with the place and what to write instead.</summary>
public sealed class CelParser
{
    /// <summary>The longest source, in UTF-16 code units.</summary>
    public const int MaxLength = 8192;

    const int MaxNesting = 40;
    const int MaxDepth = 160;

    static readonly HashSet<string> Reserved = new(StringComparer.Ordinal)
    {
        "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package", "namespace", "return", "var", "void", "while",
    };

    readonly List<CelToken> tokens;
    int at;
    int nesting;

    CelParser(string source) => tokens = new CelLexer(source).Tokens();

    CelToken Current => tokens[at];

    /// <summary>Parses one whole expression.</summary>
    /// <exception cref="CelException">The source is no expression.</exception>
    public static CelExpr Parse(string source)
    {
        if (source.Length > MaxLength)
            throw new CelException($"An expression has at most {MaxLength} characters.", MaxLength);
        var parser = new CelParser(source);
        if (parser.Current.Kind == CelTokenKind.End)
            throw new CelException("The expression is empty.", 0, "true");
        var expression = parser.Conditional();
        return parser.Current.Kind == CelTokenKind.End ? expression : throw parser.Unexpected("an operator or the end");
    }

    CelExpr Conditional()
    {
        if (++nesting > MaxNesting)
            throw new CelException($"The expression nests deeper than {MaxNesting} levels.", Current.Position);
        var condition = Binary(2);
        if (Current.Is("?"))
        {
            var position = Take().Position;
            var then = Binary(2);
            Expect(":");
            condition = Checked(new ConditionalExpr(position, condition, then, Conditional()));
        }
        nesting--;
        return condition;
    }

    CelExpr Binary(int level)
    {
        var left = Operand(level);
        while (Operator() is { } op && CelPrinter.Level(op) == level)
        {
            var position = Take().Position;
            left = Checked(new BinaryExpr(position, op, left, Operand(level)));
        }
        return left;

        CelExpr Operand(int level) => level == 6 ? Unary() : Binary(level + 1);
    }

    string? Operator()
    {
        if (Current.Kind == CelTokenKind.Name)
            return Current.Text switch
            {
                "in" => "in",
                "and" or "AND" => throw new CelException($"`{Current.Text}` is no operator.", Current.Position, "&&"),
                "or" or "OR" => throw new CelException($"`{Current.Text}` is no operator.", Current.Position, "||"),
                "is" => throw new CelException("`is` is no operator.", Current.Position, "=="),
                _ => null,
            };
        if (Current.Is("<") && tokens[at + 1].Is(">") && tokens[at + 1].Position == Current.Position + 1)
            throw new CelException("`<>` is no operator.", Current.Position, "!=");
        return Current is { Kind: CelTokenKind.Symbol, Text: "||" or "&&" or "==" or "!=" or "<" or "<=" or ">" or ">=" or "+" or "-" or "*" or "/" or "%" } ? Current.Text : null;
    }

    CelExpr Unary()
    {
        if (Current.Kind == CelTokenKind.Name && Current.Text is "not" or "NOT" && tokens[at + 1].Kind is CelTokenKind.Name or CelTokenKind.Number)
            throw new CelException($"`{Current.Text}` is no operator.", Current.Position, "!");
        if (!Current.Is("!") && !Current.Is("-"))
            return Member(negative: false);
        var op = Take();
        if (op.Text == "-" && Current.Kind == CelTokenKind.Number)
            return Member(negative: true);
        if (++nesting > MaxNesting)
            throw new CelException($"The expression nests deeper than {MaxNesting} levels.", op.Position);
        var unary = Checked(new UnaryExpr(op.Position, op.Text, Unary()));
        nesting--;
        return unary;
    }

    CelExpr Member(bool negative)
    {
        var target = negative ? Number(negative: true) : Primary();
        while (true)
            if (Current.Is("."))
            {
                Take();
                var name = Current.Kind == CelTokenKind.Name && Current.Text is not ("in" or "true" or "false" or "null") ? Take() : throw Unexpected("a field name");
                target = Checked<CelExpr>(Current.Is("(")
                    ? new CallExpr(name.Position, target, name.Text, Arguments())
                    : new SelectExpr(name.Position, target, name.Text, test: false));
            }
            else if (Current.Is("["))
            {
                var position = Take().Position;
                var index = Conditional();
                Expect("]");
                target = Checked(new IndexExpr(position, target, index));
            }
            else
            {
                return target;
            }
    }

    CelExpr Primary()
    {
        var token = Current;
        switch (token.Kind)
        {
            case CelTokenKind.Number:
                return Number(negative: false);
            case CelTokenKind.Text:
                Take();
                return new LiteralExpr(token.Position, token.Value);
            case CelTokenKind.Name:
                return Name();
            case CelTokenKind.Symbol when token.Text == "(":
                Take();
                var inner = Conditional();
                Expect(")");
                return inner;
            case CelTokenKind.Symbol when token.Text == "[":
                Take();
                return Checked(new ListExpr(token.Position, Items("]")));
            case CelTokenKind.Symbol when token.Text == "{":
                return Map();
            default:
                throw Unexpected("a value");
        }
    }

    LiteralExpr Number(bool negative)
    {
        var token = Take();
        if (token.Value is double number)
            return new LiteralExpr(token.Position, negative ? -number : number);
        var magnitude = (ulong)token.Value!;
        if (magnitude > long.MaxValue + (negative ? 1UL : 0UL))
            throw new CelException("The number does not fit into 64 bits.", token.Position);
        return new LiteralExpr(token.Position, negative ? unchecked(-(long)magnitude) : (long)magnitude);
    }

    CelExpr Name()
    {
        var token = Take();
        switch (token.Text)
        {
            case "true" or "false":
                return new LiteralExpr(token.Position, token.Text == "true");
            case "null":
                return new LiteralExpr(token.Position, null);
            case "in":
                throw new CelException("`in` needs a value on its left.", token.Position, "value in [\"a\", \"b\"]");
            case var reserved when Reserved.Contains(reserved):
                throw new CelException($"`{reserved}` is a reserved word.", token.Position);
        }
        if (!Current.Is("("))
            return new NameExpr(token.Position, token.Text);
        var arguments = Arguments();
        if (token.Text != "has")
            return Checked(new CallExpr(token.Position, null, token.Text, arguments));
        return arguments is [SelectExpr { Test: false } select]
            ? new SelectExpr(token.Position, select.Target, select.Field, test: true)
            : throw new CelException("`has` takes one field.", token.Position, "has(input.attributes.name)");
    }

    IReadOnlyList<CelExpr> Arguments()
    {
        Expect("(");
        return Items(")");
    }

    List<CelExpr> Items(string close)
    {
        var items = new List<CelExpr>();
        while (!Current.Is(close))
        {
            items.Add(Conditional());
            if (Current.Is(close))
                break;
            if (!Current.Is(","))
                throw Unexpected($"`,` or `{close}`");
            Take();
            if (Current.Is(close) && close == ")")
                throw Unexpected("an argument");
        }
        Take();
        return items;
    }

    CelExpr Map()
    {
        var position = Take().Position;
        var entries = new List<KeyValuePair<CelExpr, CelExpr>>();
        while (!Current.Is("}"))
        {
            var key = Conditional();
            Expect(":");
            entries.Add(new(key, Conditional()));
            if (!Current.Is("}"))
                Expect(",");
        }
        Take();
        return Checked(new MapExpr(position, entries));
    }

    static T Checked<T>(T expression) where T : CelExpr => expression.Depth <= MaxDepth
        ? expression
        : throw new CelException($"The expression has more than {MaxDepth} levels.", expression.Position);

    CelToken Take() => tokens[at++];

    void Expect(string symbol)
    {
        if (!Current.Is(symbol))
            throw Unexpected($"`{symbol}`");
        Take();
    }

    CelException Unexpected(string expected)
    {
        var token = Current;
        var found = token.Kind == CelTokenKind.End ? "the end" : $"`{token.Text}`";
        var suggestion = token.Kind is CelTokenKind.Name or CelTokenKind.Number && expected.StartsWith("an operator", StringComparison.Ordinal)
            ? "put quotes around text: \"...\""
            : null;
        return new CelException($"Expected {expected}, found {found}.", token.Position, suggestion);
    }
}
