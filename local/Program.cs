namespace AiOs.Local; static class Program { static void Main() { } }
